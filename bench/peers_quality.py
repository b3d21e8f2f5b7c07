#!/usr/bin/env python3
"""llama.cpp's q8_0 and q4_0 on the models and windows of bench/quality.mjs: prints its Markdown table.

  node bench/quality.mjs --export build/quality
  python3 bench/peers_quality.py build/quality

Optional: needs llama.cpp with its library (libllama.so.0, version 0.7 of Debian testing: llama.cpp, llama.cpp-tools) and
gguf, torch and numpy for its converter. Each model becomes an f32 GGUF file by llama.cpp's converter, then llama-quantize;
the reference is llama.cpp itself on the f32 file. `pure` gives every matrix the type, as sotto does; without it,
llama-quantize keeps the tied embedding at a type of its choice, which the last column names.
"""

import ctypes
import json
import subprocess
import sys
from pathlib import Path

import numpy as np

TOOLS = "/usr/share/llama.cpp/llama.cpp-tools"
FILES = {  # name: arguments of llama-quantize, and the type
    "q8_0": ["q8_0"],
    "q4_0, pure": ["--pure", "q4_0"],
    "q4_0": ["q4_0"],
}


def convert(folder, target):
    """Writes a model's folder as a GGUF file of f32, with GPT-2's pre-tokenizer (the text is never tokenised here)."""
    sys.path.insert(1, TOOLS)
    import gguf
    import torch
    from conversion import ModelBase, ModelType, get_model_architecture, get_model_class
    from conversion.base import TextModel

    TextModel.get_vocab_base_pre = lambda self, tokenizer: "gpt-2"
    with torch.inference_mode():
        parameters = ModelBase.load_hparams(folder, False)
        converter = get_model_class(get_model_architecture(parameters, ModelType.TEXT))
        converter(folder, gguf.LlamaFileType.ALL_F32, target, eager=False).write()


def embedding_type(path):
    import gguf

    types = {tensor.name: tensor.tensor_type.name for tensor in gguf.GGUFReader(path).tensors}
    return types.get("output.weight", types["token_embd.weight"])


class Parameters(ctypes.Structure):
    """llama.cpp's structs of settings, larger than they are: passed on the stack, only their beginning is read."""

    _fields_ = [("words", ctypes.c_uint32 * 128)]


class Batch(ctypes.Structure):
    _fields_ = [
        ("n_tokens", ctypes.c_int32),
        ("token", ctypes.POINTER(ctypes.c_int32)),
        ("embd", ctypes.POINTER(ctypes.c_float)),
        ("pos", ctypes.POINTER(ctypes.c_int32)),
        ("n_seq_id", ctypes.POINTER(ctypes.c_int32)),
        ("seq_id", ctypes.POINTER(ctypes.POINTER(ctypes.c_int32))),
        ("logits", ctypes.POINTER(ctypes.c_int8)),
    ]


def load_library():
    # Loading by name makes ggml known to the process first; its backends are found by its own search.
    ctypes.CDLL("libggml.so.0", ctypes.RTLD_GLOBAL).ggml_backend_load_all()
    llama = ctypes.CDLL("libllama.so.0")
    log = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
    llama.quiet = log(lambda level, text, data: None)
    llama.llama_log_set(llama.quiet, None)
    for name in ("llama_model_default_params", "llama_context_default_params"):
        getattr(llama, name).restype = Parameters
    for name in ("llama_model_load_from_file", "llama_init_from_model", "llama_get_memory"):
        getattr(llama, name).restype = ctypes.c_void_p
    llama.llama_model_load_from_file.argtypes = [ctypes.c_char_p, Parameters]
    llama.llama_init_from_model.argtypes = [ctypes.c_void_p, Parameters]
    llama.llama_get_memory.argtypes = [ctypes.c_void_p]
    llama.llama_memory_clear.argtypes = [ctypes.c_void_p, ctypes.c_bool]
    llama.llama_batch_init.restype = Batch
    llama.llama_decode.argtypes = [ctypes.c_void_p, Batch]
    llama.llama_get_logits.argtypes = [ctypes.c_void_p]
    llama.llama_get_logits.restype = ctypes.POINTER(ctypes.c_float)
    llama.llama_free.argtypes = [ctypes.c_void_p]
    llama.llama_model_free.argtypes = [ctypes.c_void_p]
    return llama


def log_probabilities(llama, path, windows, vocabulary):
    """[windows, tokens, vocabulary] in float64, of every position of every window, each run as one batch."""
    tokens = len(windows[0])
    model = llama.llama_model_load_from_file(str(path).encode(), llama.llama_model_default_params())
    settings = llama.llama_context_default_params()
    settings.words[0] = settings.words[1] = settings.words[2] = tokens  # n_ctx, n_batch, n_ubatch
    context = llama.llama_init_from_model(model, settings)
    if not model or not context:
        raise SystemExit(f"llama.cpp cannot load {path}")
    batch = llama.llama_batch_init(tokens, 0, 1)
    batch.n_tokens = tokens
    rows = []
    for ids in windows:
        llama.llama_memory_clear(llama.llama_get_memory(context), True)
        for i, token in enumerate(ids):
            batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.logits[i] = token, i, 1, 1
            batch.seq_id[i][0] = 0
        if llama.llama_decode(context, batch) != 0:
            raise SystemExit(f"llama.cpp cannot run {path}")
        rows.append(np.ctypeslib.as_array(llama.llama_get_logits(context), (tokens, vocabulary)).astype(np.float64))
    llama.llama_free(context)
    llama.llama_model_free(model)
    logits = np.stack(rows)
    logits -= logits.max(axis=-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


def table_row(name, reference, found, windows, kept):
    expected, predicted = reference[:, :-1], found[:, :-1]
    following = np.array(windows)[:, 1:, None]
    loss, expected_loss = (-np.take_along_axis(p, following, axis=-1) for p in (predicted, expected))
    change = loss - expected_loss
    kl = (np.exp(expected) * (expected - predicted)).sum(axis=-1).mean()
    top = (expected.argmax(axis=-1) == predicted.argmax(axis=-1)).mean()
    ratio = np.exp(change.mean())
    error = 100 * ratio * change.std() / np.sqrt(change.size)
    return (
        f"| {name} | {np.exp(loss.mean()):.5f} | {100 * (ratio - 1):+.3f} % ± {error:.3f} "
        f"| {kl:.1e} | {100 * top:.2f} % | {kept} |"
    )


def main():
    target = Path(sys.argv[1])
    windows = json.loads((target / "windows.json").read_text())
    llama = load_library()
    for name in ("plain", "outliers"):
        folder = target / name
        vocabulary = json.loads((folder / "config.json").read_text())["vocab_size"]
        f32 = folder / "f32.gguf"
        convert(folder, f32)
        reference = log_probabilities(llama, f32, windows, vocabulary)
        print(f"\n{name}\n\n| weights | perplexity | change | KL to f32, nats | same top token | head |")
        print("| --- | --- | --- | --- | --- | --- |")
        print(table_row("f32", reference, reference, windows, embedding_type(f32)))
        for title, arguments in FILES.items():
            path = folder / f"{title.replace(', ', '-')}.gguf"
            command = ["llama-quantize", *arguments[:-1], str(f32), str(path), arguments[-1], "2"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            found = log_probabilities(llama, path, windows, vocabulary)
            print(table_row(title, reference, found, windows, embedding_type(path)))


main()

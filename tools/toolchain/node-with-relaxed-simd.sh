#!/bin/sh
# The node on PATH, with relaxed SIMD where a flag is needed for it (Node 20).
flag=--experimental-wasm-relaxed-simd
if node "$flag" -e 0 2>/dev/null; then exec node "$flag" "$@"; fi
exec node "$@"

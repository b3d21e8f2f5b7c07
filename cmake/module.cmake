# sotto_module(NAME [SOURCES...]): the engine as a generated ES module, NAME.js with NAME.wasm and its types, NAME.d.ts.
function(sotto_module name)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE sotto_bindings)
  target_link_options(${name} PRIVATE
    -fno-exceptions
    # What is done to the whole module at last: the compiler has made loops fast, and inlining more only makes it larger.
    -Oz
    # All variants have the same boundary: one of them writes its types down.
    $<$<STREQUAL:${SOTTO_VARIANT},simd>:SHELL:--emit-tsd ${name}.d.ts>
    --no-entry
    -sMODULARIZE
    -sEXPORT_ES6
    # No node: its branch would only read the binary, which variant.ts does, and its imports trouble bundlers.
    -sENVIRONMENT=web,worker
    # No eval and no new Function, so that it runs under a strict content security policy.
    -sDYNAMIC_EXECUTION=0
    -sEMBIND_AOT
    -sFILESYSTEM=0
    -sSTRICT
    -sINCOMING_MODULE_JS_API=instantiateWasm
    # malloc returns null at the limit: the engine turns that into an out-of-memory error. Growing by a fixed step keeps
    # the peak while loading near the weights' size, which growing by a share of it would not.
    -sALLOW_MEMORY_GROWTH
    -sMAXIMUM_MEMORY=4GB
    -sMEMORY_GROWTH_LINEAR_STEP=16MB
    -sINITIAL_MEMORY=16MB
    -sSTACK_SIZE=256KB
    # The helpers' workers are ready before the first pthread_create, which needs no turn of an event loop then.
    $<$<BOOL:${SOTTO_THREADS}>:-sPTHREAD_POOL_SIZE=Module["helpers"]>
    $<$<BOOL:${SOTTO_THREADS}>:-sPTHREAD_POOL_SIZE_STRICT=2>
    $<$<BOOL:${SOTTO_THREADS}>:SHELL:--js-library ${CMAKE_SOURCE_DIR}/cmake/no-mailbox.js>)
endfunction()

# XNNPACK's f32 fully-connected operator, as the static library XNNPACK.
#
# XNNPACK's own CMakeLists.txt refuses Emscripten and compiles every operator of the library. This file compiles only
# what one operator reaches. Nothing here is a stand-in: an unlisted source that becomes needed is a link error.
# The sources lie unpacked in SOTTO_XNNPACK_DIR: xnnpack/, pthreadpool/, fxdiv/ and fp16/ (tools/toolchain brings them).
set(SOTTO_XNNPACK_DIR "" CACHE PATH "Folder that holds the unpacked xnnpack, pthreadpool, fxdiv and fp16")
set(xnnpack_dir ${SOTTO_XNNPACK_DIR}/xnnpack)
set(pthreadpool_dir ${SOTTO_XNNPACK_DIR}/pthreadpool)
if(NOT EXISTS ${xnnpack_dir}/include/xnnpack.h)
  message(FATAL_ERROR "SOTTO_XNNPACK_DIR must name the folder with the unpacked XNNPACK sources; `npm run build` sets it.")
endif()

# The operator, and what every operator stands on.
set(xnnpack_sources
  src/allocator.c
  src/cache.c
  src/configs/gemm-config.c
  src/configs/hardware-config.c
  src/enums/microkernel-type.c
  src/enums/operator-type.c
  src/init.c
  src/log.c
  src/memory.c
  src/microkernel-utils.c
  src/microparams-init.c
  src/mutex.c
  src/operator-delete.c
  src/operator-run.c
  src/operator-utils.c
  src/operators/fully-connected-nc.c
  src/params.c
  src/reference/packing.cc
  src/x32-packw/gen/x32-packw-x2c4-gemm-goi-wasmsimd-u4.c
  src/x32-packw/gen/x32-packw-x8-gemm-goi-wasmsimd-u4.c)

# The f32 products. gemm-config.c picks by the machine it finds itself on: tiles of 4 x 8 on x86 (of two kinds, by the
# number of cores), of 5 x 8 elsewhere, and of 4 x 2 for fewer than 8 outputs. The first three add up in the same order.
# It fills in igemm, the product of a convolution, beside gemm, so those must be there too.
foreach(product gemm igemm)
  set(kernels
    4x2c4-wasmsimd
    4x2c4-minmax-wasmsimd-arm
    4x2c4-minmax-wasmsimd-x86
    1x8-minmax-wasmsimd-arm-splat
    5x8-minmax-wasmsimd-arm-splat
    5x8-wasmsimd-splat
    5x8-relu-wasmsimd-splat)
  foreach(tile 1x8 4x8)
    foreach(load splat loadsplat)
      list(APPEND kernels
        ${tile}-wasmsimd-${load} ${tile}-relu-wasmsimd-${load} ${tile}-minmax-wasmsimd-x86-${load})
    endforeach()
  endforeach()
  list(TRANSFORM kernels PREPEND src/f32-${product}/gen/f32-${product}-)
  list(TRANSFORM kernels APPEND .c)
  list(APPEND xnnpack_sources ${kernels})
endforeach()

# The build identifier guards serialised weight caches, which we do not use; XNNPACK wants it to exist all the same.
configure_file(${CMAKE_CURRENT_LIST_DIR}/xnnpack_build_identifier.c.in xnnpack_build_identifier.c @ONLY)

list(TRANSFORM xnnpack_sources PREPEND ${xnnpack_dir}/)
add_library(XNNPACK STATIC ${xnnpack_sources} ${CMAKE_CURRENT_BINARY_DIR}/xnnpack_build_identifier.c
  ${pthreadpool_dir}/src/shim.c)  # pthreadpool's API over the calling thread: our own pool splits the rows
set_target_properties(XNNPACK PROPERTIES C_STANDARD 99 C_EXTENSIONS ON CXX_STANDARD 14 CXX_EXTENSIONS ON)
target_include_directories(XNNPACK SYSTEM
  PUBLIC ${xnnpack_dir}/include ${pthreadpool_dir}/include
  PRIVATE ${xnnpack_dir}/src ${pthreadpool_dir}/src ${SOTTO_XNNPACK_DIR}/fxdiv/include ${SOTTO_XNNPACK_DIR}/fp16/include)

# Without -mrelaxed-simd even in a relaxed variant: it would pick kernels whose fused multiply-add rounds differently
# from one browser to the next. math.h is missing from some of its C files where no other platform's header brings it.
target_compile_options(XNNPACK PRIVATE -w -mno-relaxed-simd
  $<$<COMPILE_LANGUAGE:C>:SHELL:-include math.h>
  $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions$<SEMICOLON>-fno-rtti>)

# XNNPACK asks for every switch to be defined, those of other processors too.
set(xnnpack_off ARM_FP16_VECTOR ARM_FP16_SCALAR ARM_BF16 ARM_DOTPROD ARM_I8MM ARM_SME ARM_SME2 RISCV_VECTOR AVXVNNI
  AVXVNNIINT8 AVX256SKX AVX256VNNI AVX256VNNIGFNI AVX512F AVX512SKX AVX512VBMI AVX512VNNI AVX512VNNIGFNI AVX512AMX
  AVX512FP16 VSX HVX KLEIDIAI ASSEMBLY SPARSE DWCONV_MULTIPASS CPUINFO)
list(TRANSFORM xnnpack_off REPLACE "(.+)" "XNN_ENABLE_\\1=0")
target_compile_definitions(XNNPACK PRIVATE ${xnnpack_off} XNN_ENABLE_MEMOPT=1 XNN_ENABLE_GEMM_M_SPECIALIZATION=1
  XNN_LOG_LEVEL=0 PTHREADPOOL_NO_DEPRECATED_API=1)

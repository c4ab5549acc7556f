# SPDX-License-Identifier: Apache-2.0
# One place for the language, the feature macros and every compiler flag.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
# Assertions are invariants that trap in test builds; release turns them into INTERNAL.
set(CMAKE_C_FLAGS_RELEASE "-O3 -g -DNDEBUG")
set(CMAKE_C_FLAGS_DEBUG "-O1 -g -fno-omit-frame-pointer")

add_library(evh_flags INTERFACE)
target_compile_definitions(evh_flags INTERFACE _POSIX_C_SOURCE=200809L _DEFAULT_SOURCE)
target_compile_options(evh_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wundef -Wvla
  -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wformat=2
  -Wimplicit-fallthrough -Wcast-qual -Wwrite-strings -Wpointer-arith
  -fstack-protector-strong)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  target_compile_options(evh_flags INTERFACE -Wjump-misses-init -Wlogical-op -Wduplicated-cond
                                             -Walloca -Wno-format-truncation) # texts are cut by design
endif()
if(EVH_WERROR)
  target_compile_options(evh_flags INTERFACE -Werror)
endif()
if(EVH_NATIVE)
  if(EVH_CTIME)
    message(FATAL_ERROR "EVH_CTIME runs under valgrind, which does not know every native instruction: drop EVH_NATIVE")
  endif()
  target_compile_options(evh_flags INTERFACE -march=native)
endif()
if(EVH_CTIME)
  target_compile_definitions(evh_flags INTERFACE EVH_CTIME=1)
endif()
if(EVH_SANITIZE)
  target_compile_options(evh_flags INTERFACE -fsanitize=${EVH_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(evh_flags INTERFACE -fsanitize=${EVH_SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(evh_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()
if(EVH_FUZZ)
  if(NOT CMAKE_C_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "EVH_FUZZ needs clang: configure with the fuzz preset")
  endif()
  target_compile_options(evh_flags INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(evh_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(EVH_COVERAGE)
  target_compile_options(evh_flags INTERFACE --coverage)
  target_link_options(evh_flags INTERFACE --coverage)
endif()
target_link_options(evh_flags INTERFACE -Wl,-z,relro,-z,now)

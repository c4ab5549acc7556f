# SPDX-License-Identifier: Apache-2.0
# How a module, a program and a test are declared.

# evh_library(NAME base SOURCES a.c b.c [DEPENDS evh_x ...] [PRIVATE_LINK PkgConfig::Y ...])
# makes the static library evh_<name> with its public headers under include/. Third-party libraries
# go to PRIVATE_LINK: their headers are not visible to the modules above.
function(evh_library)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;DEPENDS;PRIVATE_LINK" ${ARGN})
  set(target evh_${ARG_NAME})
  add_library(${target} STATIC ${ARG_SOURCES})
  target_include_directories(${target} PUBLIC "${CMAKE_CURRENT_SOURCE_DIR}/include")
  target_link_libraries(${target} PUBLIC ${ARG_DEPENDS} PRIVATE evh_flags ${ARG_PRIVATE_LINK})
endfunction()

# evh_program(NAME evenhand-client SOURCES main.c LINK evh_client ...)
function(evh_program)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;LINK" ${ARGN})
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  target_compile_definitions(${ARG_NAME} PRIVATE EVH_VERSION="${PROJECT_VERSION}")
  target_link_libraries(${ARG_NAME} PRIVATE evh_flags ${ARG_LINK})
endfunction()

# Tests ask for impossible amounts of memory on purpose.
set(EVH_TEST_ENVIRONMENT
  "ASAN_OPTIONS=allocator_may_return_null=1:detect_stack_use_after_return=1"
  "TSAN_OPTIONS=allocator_may_return_null=1")

# evh_test(NAME test_base SOURCES test_status.c ... LINK evh_base ... [ARGS ...] [LABELS ...]
#          [ALLOC_SWEEP])
# registers one cmocka executable. A run in which a test was skipped is reported as skipped by
# ctest, never as passed. ALLOC_SWEEP lets its tests fail allocations (support/alloc_fail.h).
function(evh_test)
  cmake_parse_arguments(ARG "ALLOC_SWEEP" "NAME" "SOURCES;LINK;ARGS;LABELS" ${ARGN})
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  set_target_properties(${ARG_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  target_compile_definitions(${ARG_NAME} PRIVATE
    EVH_SOURCE_DIR="${PROJECT_SOURCE_DIR}" EVH_SHARED_DIR="${PROJECT_SOURCE_DIR}/../shared")
  target_link_libraries(${ARG_NAME} PRIVATE evh_flags evh_test_support ${ARG_LINK})
  if(ARG_ALLOC_SWEEP)
    target_link_libraries(${ARG_NAME} PRIVATE evh_test_alloc)
    target_link_options(${ARG_NAME} PRIVATE
      -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc)
  endif()
  add_test(NAME ${ARG_NAME} COMMAND ${ARG_NAME} ${ARG_ARGS})
  set_tests_properties(${ARG_NAME} PROPERTIES
    ENVIRONMENT "${EVH_TEST_ENVIRONMENT}"
    SKIP_REGULAR_EXPRESSION "\\[  SKIPPED \\]" LABELS "${ARG_LABELS}")
endfunction()

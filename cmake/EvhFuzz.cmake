# SPDX-License-Identifier: Apache-2.0
# One fuzz target, two programs: under the fuzz preset libFuzzer drives it; everywhere else a small
# main replays the committed inputs as a plain test.

set(EVH_FUZZ_TABLE_DIR "${CMAKE_BINARY_DIR}/fuzz-targets") # read by scripts/fuzz
file(REMOVE_RECURSE "${EVH_FUZZ_TABLE_DIR}")
add_custom_target(fuzz_targets COMMENT "Every fuzz target")

# evh_fuzz_target(NAME fuzz_hex SOURCES fuzz_hex.c LINK evh_base [CORPUS dir] [DICT file])
#   SOURCES  define LLVMFuzzerTestOneInput (support/fuzz.h)
#   CORPUS   folder of committed inputs, one file each; default tests/fuzz/corpus/<NAME>. An empty
#            one fails the replay
#   DICT     libFuzzer dictionary that helps to find the words of a text format
function(evh_fuzz_target)
  cmake_parse_arguments(ARG "" "NAME;CORPUS;DICT" "SOURCES;LINK" ${ARGN})
  set(corpus "${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${ARG_NAME}")
  if(ARG_CORPUS)
    cmake_path(ABSOLUTE_PATH ARG_CORPUS BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
               OUTPUT_VARIABLE corpus)
  endif()
  set(dict "")
  if(ARG_DICT)
    cmake_path(ABSOLUTE_PATH ARG_DICT BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
               OUTPUT_VARIABLE dict)
  endif()
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  set_target_properties(${ARG_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  target_include_directories(${ARG_NAME} PRIVATE "${PROJECT_SOURCE_DIR}/tests/support/include")
  target_link_libraries(${ARG_NAME} PRIVATE evh_flags ${ARG_LINK})
  add_dependencies(fuzz_targets ${ARG_NAME})
  if(EVH_FUZZ)
    target_link_options(${ARG_NAME} PRIVATE -fsanitize=fuzzer)
    # Program, corpus, dictionary.
    file(WRITE "${EVH_FUZZ_TABLE_DIR}/${ARG_NAME}"
         "${CMAKE_BINARY_DIR}/tests/${ARG_NAME}\n${corpus}\n${dict}\n")
  else()
    target_link_libraries(${ARG_NAME} PRIVATE evh_fuzz_replay)
    add_test(NAME ${ARG_NAME} COMMAND ${ARG_NAME} "${corpus}")
    set_tests_properties(${ARG_NAME} PROPERTIES LABELS fuzz
      ENVIRONMENT "${EVH_TEST_ENVIRONMENT}")
  endif()
endfunction()

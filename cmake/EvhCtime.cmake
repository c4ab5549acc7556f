# SPDX-License-Identifier: Apache-2.0
# Constant-time tests: the preset ctime runs them under valgrind with secrets marked undefined, so
# that a branch or an index that depends on one is an error.

add_custom_target(ctime_tests COMMENT "Every constant-time test")
set(EVH_VALGRIND valgrind --quiet --error-exitcode=99 --exit-on-first-error=no --leak-check=no)

# evh_ctime_executable(NAME SOURCES ... LINK ...): built under every preset so that it keeps
# compiling; only under ctime do the marks mean something.
function(evh_ctime_executable)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;LINK" ${ARGN})
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  set_target_properties(${ARG_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  target_link_libraries(${ARG_NAME} PRIVATE evh_flags evh_test_support ${ARG_LINK})
  add_dependencies(ctime_tests ${ARG_NAME})
endfunction()

# evh_ctime_test(NAME ctime_base SOURCES ... LINK evh_base ...): a cmocka executable that marks its
# secrets (evh_mark_secret), calls, declassifies the results (evh_declassify) and checks them.
#   SUPPRESSIONS  file that names verdicts which a third-party library branches on, with the reason
function(evh_ctime_test)
  cmake_parse_arguments(ARG "" "NAME;SUPPRESSIONS" "SOURCES;LINK" ${ARGN})
  evh_ctime_executable(NAME ${ARG_NAME} SOURCES ${ARG_SOURCES} LINK ${ARG_LINK})
  set(suppressions "")
  if(ARG_SUPPRESSIONS)
    set(suppressions "--suppressions=${CMAKE_CURRENT_SOURCE_DIR}/${ARG_SUPPRESSIONS}")
  endif()
  if(EVH_CTIME)
    add_test(NAME ${ARG_NAME} COMMAND ${EVH_VALGRIND} ${suppressions} $<TARGET_FILE:${ARG_NAME}>)
    set_tests_properties(${ARG_NAME} PROPERTIES LABELS ctime)
  endif()
endfunction()

# SPDX-License-Identifier: Apache-2.0
# Manual pages from --help, in build/man.
find_program(HELP2MAN help2man)

# evh_man(PROGRAM): one page for the program and one for each of its commands.
function(evh_man program)
  if(EVH_SANITIZE OR EVH_COVERAGE OR EVH_FUZZ OR EVH_CTIME)
    return()
  endif()
  if(NOT HELP2MAN)
    message(STATUS "help2man is not there: no manual pages")
    return()
  endif()
  set(stamp "${CMAKE_BINARY_DIR}/man/.${program}")
  add_custom_command(OUTPUT "${stamp}"
    COMMAND "${PROJECT_SOURCE_DIR}/scripts/make-man" "$<TARGET_FILE:${program}>"
            "${CMAKE_BINARY_DIR}/man"
    COMMAND "${CMAKE_COMMAND}" -E touch "${stamp}"
    DEPENDS ${program} "${PROJECT_SOURCE_DIR}/scripts/make-man"
    COMMENT "Manual pages of ${program}" VERBATIM)
  add_custom_target(${program}-man ALL DEPENDS "${stamp}")
endfunction()

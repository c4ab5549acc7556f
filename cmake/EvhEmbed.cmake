# SPDX-License-Identifier: Apache-2.0
# Text files as arrays of a library, made when it is built.
#
# evh_embed(TARGET evh_report NAME style FILES a.css b.css)
# adds `const uint8_t evh_embedded_style[]` and `const size_t evh_embedded_style_len`: the files one
# after the other, each on a line of its own. Declare both in an internal header.
#
# Run as a script (cmake -P) it makes the C file: NAME, OUTPUT, FILES (separated by |).
if(CMAKE_SCRIPT_MODE_FILE)
  string(REPLACE "|" ";" FILES "${FILES}")
  set(bytes "")
  foreach(file IN LISTS FILES)
    file(READ "${file}" hex HEX)
    string(APPEND bytes "${hex}0a")
    # Nothing inside of a script or style may end its element, or begin a comment in it.
    file(READ "${file}" text)
    string(TOLOWER "${text}" text)
    foreach(forbidden "</script" "</style" "<!--")
      string(FIND "${text}" "${forbidden}" at)
      if(NOT at EQUAL -1)
        message(FATAL_ERROR "${file} holds ${forbidden}")
      endif()
    endforeach()
  endforeach()
  string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  file(WRITE "${OUTPUT}"
    "#include <stddef.h>\n#include <stdint.h>\n"
    "extern const uint8_t evh_embedded_${NAME}[];\nextern const size_t evh_embedded_${NAME}_len;\n"
    "const uint8_t evh_embedded_${NAME}[] = {\n${bytes}};\n"
    "const size_t evh_embedded_${NAME}_len = sizeof evh_embedded_${NAME};\n")
  return()
endif()

set(EVH_EMBED_SCRIPT "${CMAKE_CURRENT_LIST_FILE}")

function(evh_embed)
  cmake_parse_arguments(ARG "" "TARGET;NAME" "FILES" ${ARGN})
  set(out "${CMAKE_CURRENT_BINARY_DIR}/embedded_${ARG_NAME}.c")
  set(files "")
  foreach(file IN LISTS ARG_FILES)
    cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" OUTPUT_VARIABLE path)
    list(APPEND files "${path}")
  endforeach()
  string(REPLACE ";" "|" joined "${files}")
  add_custom_command(OUTPUT "${out}"
    COMMAND "${CMAKE_COMMAND}" -DNAME=${ARG_NAME} -DOUTPUT=${out} "-DFILES=${joined}"
            -P "${EVH_EMBED_SCRIPT}"
    DEPENDS ${files} "${EVH_EMBED_SCRIPT}" COMMENT "Embedding ${ARG_NAME}" VERBATIM)
  target_sources(${ARG_TARGET} PRIVATE "${out}")
endfunction()

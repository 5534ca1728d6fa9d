# tryst_generate(TARGET <name> FILES <a.x>... [CODECS] [PASS_THROUGH] [NAMESPACE <a::b>]
#                [INCLUDE_DIRS <folder>...] [OUT_DIR <folder>] [OPTIONS <option>...])
#
# Makes C++ headers from interfaces, when they are built and whenever an interface, a file that it
# includes, or tryst-gen itself has changed. `#include "a.hpp"` finds them in all that links <name>.
#
#   TARGET        A library. If there is none of this name it is made: an INTERFACE library, or a
#                 STATIC one with CODECS. An existing target gets the headers added.
#   CODECS        Compile the code that encodes and decodes once, into the library, instead of in
#                 each file that uses it. Worth it for large interfaces.
#   NAMESPACE     The C++ namespace; without it each file's own name is.
#   INCLUDE_DIRS  Where #include of a .x looks, besides the folder of the file.
#   OUT_DIR       Where the headers go; by default a folder of its own in the build tree.
#   OPTIONS       Further options of tryst-gen: -DNAME=VALUE, --include=prelude.x.
function(tryst_generate)
  cmake_parse_arguments(PARSE_ARGV 0 arg "CODECS;PASS_THROUGH" "TARGET;NAMESPACE;OUT_DIR"
    "FILES;INCLUDE_DIRS;OPTIONS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "tryst_generate: what is '${arg_UNPARSED_ARGUMENTS}'?")
  endif()
  if(NOT arg_TARGET OR NOT arg_FILES)
    message(FATAL_ERROR "tryst_generate needs TARGET and FILES")
  endif()
  if(NOT arg_OUT_DIR)
    set(arg_OUT_DIR ${CMAKE_CURRENT_BINARY_DIR}/${arg_TARGET}.generated)
  endif()
  cmake_path(ABSOLUTE_PATH arg_OUT_DIR BASE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR} NORMALIZE)
  file(MAKE_DIRECTORY ${arg_OUT_DIR})

  set(options -o ${arg_OUT_DIR} --quiet ${arg_OPTIONS})
  if(arg_NAMESPACE)
    list(APPEND options --namespace=${arg_NAMESPACE})
  endif()
  if(arg_PASS_THROUGH)
    list(APPEND options --pass-through)
  endif()
  foreach(folder IN LISTS arg_INCLUDE_DIRS)
    cmake_path(ABSOLUTE_PATH folder BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
    list(APPEND options -I ${folder})
  endforeach()
  if(arg_CODECS)
    list(APPEND options --emit=header,cpp)
  endif()

  set(headers "")
  set(sources "")
  foreach(file IN LISTS arg_FILES)
    cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
    cmake_path(GET file STEM LAST_ONLY stem)
    set(outputs ${arg_OUT_DIR}/${stem}.hpp)
    list(APPEND headers ${arg_OUT_DIR}/${stem}.hpp)
    if(arg_CODECS)
      list(APPEND outputs ${arg_OUT_DIR}/${stem}.cpp)
      list(APPEND sources ${arg_OUT_DIR}/${stem}.cpp)
    endif()
    add_custom_command(OUTPUT ${outputs}
      COMMAND tryst::gen ${options} --dep-file ${arg_OUT_DIR}/${stem}.d ${file}
      DEPENDS ${file} tryst::gen
      DEPFILE ${arg_OUT_DIR}/${stem}.d
      COMMENT "tryst-gen ${stem}.x"
      VERBATIM)
  endforeach()

  if(NOT TARGET ${arg_TARGET})
    if(arg_CODECS)
      add_library(${arg_TARGET} STATIC)
    else()
      add_library(${arg_TARGET} INTERFACE)
    endif()
  endif()
  get_target_property(type ${arg_TARGET} TYPE)
  set(scope PUBLIC)
  if(type STREQUAL "INTERFACE_LIBRARY")
    set(scope INTERFACE)
  endif()
  # Whoever links the target must wait for the headers, so they are a target of their own.
  string(SHA256 id "${headers}")
  string(SUBSTRING ${id} 0 8 id)
  add_custom_target(${arg_TARGET}_generated_${id} DEPENDS ${headers} ${sources})
  add_dependencies(${arg_TARGET} ${arg_TARGET}_generated_${id})
  target_sources(${arg_TARGET} PRIVATE ${headers} ${sources})
  target_include_directories(${arg_TARGET} ${scope} $<BUILD_INTERFACE:${arg_OUT_DIR}>)
  target_compile_features(${arg_TARGET} ${scope} cxx_std_23)
  target_link_libraries(${arg_TARGET} ${scope} tryst::xdr)
endfunction()

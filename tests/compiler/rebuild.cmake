# Run as a test: configures and builds a project with tryst_generate() and nothing to compile.
file(REMOVE_RECURSE ${FOLDER})
file(WRITE ${FOLDER}/CMakeLists.txt "
cmake_minimum_required(VERSION 3.25)
project(rebuild LANGUAGES CXX)
add_executable(tryst::gen IMPORTED)
set_target_properties(tryst::gen PROPERTIES IMPORTED_LOCATION ${GEN})
add_library(tryst::xdr INTERFACE IMPORTED)
include(${SOURCE}/cmake/TrystGenerate.cmake)
tryst_generate(TARGET outer FILES outer.x INCLUDE_DIRS inc OUT_DIR out)
add_custom_target(all_headers ALL)
add_dependencies(all_headers outer)
")
file(WRITE ${FOLDER}/outer.x "#include \"inner.x\"\nstruct outer { inner x<MOST>; };\n")

function(build want)
  execute_process(COMMAND ${CMAKE_COMMAND} --build ${FOLDER}/build
    OUTPUT_VARIABLE said ERROR_VARIABLE said COMMAND_ERROR_IS_FATAL ANY)
  file(READ ${FOLDER}/build/out/outer.hpp header)
  if(NOT header MATCHES "${want}")
    message(FATAL_ERROR "no ${want} in the header:\n${header}\n${said}")
  endif()
endfunction()

function(write_inner most)
  file(WRITE ${FOLDER}/inc/inner.x "const MOST = ${most};\nstruct inner { int x; };\n")
endfunction()

write_inner(5)
execute_process(COMMAND ${CMAKE_COMMAND} -G Ninja -S ${FOLDER} -B ${FOLDER}/build
  OUTPUT_VARIABLE said COMMAND_ERROR_IS_FATAL ANY)
build("MOST = 5")
execute_process(COMMAND ${CMAKE_COMMAND} --build ${FOLDER}/build OUTPUT_VARIABLE said)
if(NOT said MATCHES "no work to do")
  message(FATAL_ERROR "built again without a reason:\n${said}")
endif()
write_inner(6)
build("MOST = 6")

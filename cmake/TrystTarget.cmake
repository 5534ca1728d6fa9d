# What every target of the project has in common: the language, the warnings, the sanitizers' flags
# (which presets put into CMAKE_CXX_FLAGS) and the include folders.

find_package(Threads REQUIRED)

# tryst_warnings(<target>): our own code is compiled with warnings as errors, a user's is left alone.
function(tryst_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow
    -Wold-style-cast -Woverloaded-virtual -Wcast-align -Wformat=2 -Wno-missing-field-initializers)
  if(TRYST_WARNINGS_AS_ERRORS)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

# tryst_library(<name> SOURCES ... [PUBLIC libs...] [PRIVATE libs...]): tryst_<name>, alias tryst::<name>.
function(tryst_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(tryst_${name} STATIC ${arg_SOURCES})
  add_library(tryst::${name} ALIAS tryst_${name})
  set_target_properties(tryst_${name} PROPERTIES EXPORT_NAME ${name} OUTPUT_NAME tryst_${name}
    POSITION_INDEPENDENT_CODE ON)
  target_compile_features(tryst_${name} PUBLIC cxx_std_23)
  target_include_directories(tryst_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(tryst_${name} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
  # Position independent, but never replaced symbol by symbol: functions may be inlined.
  target_compile_options(tryst_${name} PRIVATE -fno-semantic-interposition)
  tryst_warnings(tryst_${name})
  set_property(GLOBAL APPEND PROPERTY TRYST_LIBRARIES tryst_${name})
endfunction()

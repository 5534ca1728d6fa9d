# What `cmake --install` and cpack put where: the libraries with their headers, CMake package and
# pkg-config files (component dev), and the programs with their man pages (component tools).
include(CMakePackageConfigHelpers)

set(TRYST_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/tryst)
get_property(tryst_libraries GLOBAL PROPERTY TRYST_LIBRARIES)

install(TARGETS ${tryst_libraries} EXPORT tryst-targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT dev)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/tryst DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  COMPONENT dev FILES_MATCHING PATTERN "*.hpp")
# What a .x of somebody else's includes.
set(TRYST_PROTOCOLS_DIR ${CMAKE_INSTALL_DATADIR}/tryst)
install(FILES ${PROJECT_SOURCE_DIR}/protocols/capability.x DESTINATION ${TRYST_PROTOCOLS_DIR}
  COMPONENT dev)
install(EXPORT tryst-targets NAMESPACE tryst:: DESTINATION ${TRYST_CMAKE_DIR} COMPONENT dev)

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/tryst-config.cmake.in tryst-config.cmake
  INSTALL_DESTINATION ${TRYST_CMAKE_DIR} PATH_VARS CMAKE_INSTALL_BINDIR TRYST_PROTOCOLS_DIR)
# Until 1.0 a minor version may change the interface.
write_basic_package_version_file(tryst-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/tryst-config.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/tryst-config-version.cmake
  ${CMAKE_CURRENT_LIST_DIR}/TrystGenerate.cmake
  DESTINATION ${TRYST_CMAKE_DIR} COMPONENT dev)

# tryst_pkg_config(<target>): tryst-<name>.pc, which requires what the target links. The libraries
# are static, so users ask for `pkg-config --static --libs`.
function(tryst_pkg_config target)
  string(REGEX REPLACE "^tryst_" "" name ${target})
  get_target_property(links ${target} INTERFACE_LINK_LIBRARIES)
  set(requires "")
  set(requires_private "")
  set(libs_private "")
  foreach(link IN LISTS links)
    if(link MATCHES "^tryst::(.+)$")
      list(APPEND requires "tryst-${CMAKE_MATCH_1} = ${PROJECT_VERSION}")
    elseif(link MATCHES "^\\$<LINK_ONLY:tryst::(.+)>$")
      list(APPEND requires_private "tryst-${CMAKE_MATCH_1} = ${PROJECT_VERSION}")
    elseif(link MATCHES "Threads::Threads")
      list(APPEND libs_private ${CMAKE_THREAD_LIBS_INIT} -pthread)
    elseif(link MATCHES "nlohmann_json::nlohmann_json")
      list(APPEND requires nlohmann_json)
    elseif(link)
      message(FATAL_ERROR "tryst_pkg_config: say what ${link} is in a .pc file")
    endif()
  endforeach()
  get_target_property(definitions ${target} INTERFACE_COMPILE_DEFINITIONS)
  set(flags "")
  foreach(definition IN LISTS definitions)
    if(definition)
      string(APPEND flags " -D${definition}")
    endif()
  endforeach()
  list(REMOVE_DUPLICATES libs_private)
  list(JOIN requires ", " requires)
  list(JOIN requires_private ", " requires_private)
  list(JOIN libs_private " " libs_private)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/tryst.pc.in ${CMAKE_CURRENT_BINARY_DIR}/tryst-${name}.pc
    @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/tryst-${name}.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT dev)
endfunction()
foreach(library IN LISTS tryst_libraries)
  tryst_pkg_config(${library})
endforeach()

# tryst_install_compressed(<file> <folder> <name> <component>): as Debian wants manuals and change
# logs, compressed and the same on every build.
find_program(TRYST_GZIP gzip REQUIRED)
function(tryst_install_compressed file folder name component)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/compressed/${component}/${name}.gz)
  cmake_path(GET output PARENT_PATH parent)
  file(MAKE_DIRECTORY ${parent})
  execute_process(COMMAND ${TRYST_GZIP} -9nc ${file} OUTPUT_FILE ${output} COMMAND_ERROR_IS_FATAL ANY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  install(FILES ${output} DESTINATION ${folder} COMPONENT ${component})
endfunction()

if(TARGET tryst_gen)
  install(TARGETS tryst_gen RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT tools)
endif()
if(TARGET tryst_rpcbind)
  install(TARGETS tryst_rpcbind RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR} COMPONENT rpcbind)
  tryst_install_compressed(${PROJECT_SOURCE_DIR}/docs/man/tryst-rpcbind.8 ${CMAKE_INSTALL_MANDIR}/man8
    tryst-rpcbind.8 rpcbind)
  # Where the program is, is known when it is installed: a package has a prefix of its own.
  set(daemon ${PROJECT_SOURCE_DIR}/daemons/tryst-rpcbind)
  set(unit ${CMAKE_CURRENT_BINARY_DIR}/tryst-rpcbind.service)
  install(CODE "set(AT \"@\")
set(TRYST_SBINDIR \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_SBINDIR}\")
configure_file(\"${daemon}/tryst-rpcbind.service.in\" \"${unit}\" @ONLY)" COMPONENT rpcbind)
  install(FILES ${unit} ${daemon}/tryst-rpcbind.socket DESTINATION lib/systemd/system
    COMPONENT rpcbind)
endif()
file(GLOB manuals CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/man/*.1)
foreach(manual IN LISTS manuals)
  cmake_path(GET manual FILENAME name)
  tryst_install_compressed(${manual} ${CMAKE_INSTALL_MANDIR}/man1 ${name} tools)
endforeach()

# The words of Debian: a copyright file and both change logs for each package.
set(CPACK_PACKAGE_CONTACT "The tryst authors <maintainers@tryst.example.org>")
set(packages_of_dev libtryst-dev)
set(packages_of_tools tryst-tools)
set(packages_of_rpcbind tryst-rpcbind)
foreach(component dev tools rpcbind)
  set(package ${packages_of_${component}})
  install(FILES ${CMAKE_CURRENT_LIST_DIR}/copyright DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/${package}
    COMPONENT ${component})
  tryst_install_compressed(${PROJECT_SOURCE_DIR}/CHANGELOG.md
    ${CMAKE_INSTALL_DATAROOTDIR}/doc/${package} changelog ${component})
  configure_file(${CMAKE_CURRENT_LIST_DIR}/debian-changelog.in debian-changelog-${component} @ONLY)
  tryst_install_compressed(${CMAKE_CURRENT_BINARY_DIR}/debian-changelog-${component}
    ${CMAKE_INSTALL_DATAROOTDIR}/doc/${package} changelog.Debian ${component})
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME tryst)
set(CPACK_PACKAGE_VENDOR "The tryst authors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "typed ONC RPC clients and servers for C++23")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_COMPONENTS_ALL dev tools rpcbind)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_DEV_PACKAGE_NAME libtryst-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS
  "tryst-tools (= ${PROJECT_VERSION}-1), libasio-dev (>= 1:1.22), nlohmann-json3-dev, libstdc++-12-dev | libstdc++-dev")
set(CPACK_COMPONENT_DEV_DESCRIPTION
"Typed clients and servers of ONC RPC (RFC 5531) and its data format XDR
(RFC 4506), made by tryst-gen from the .x files that describe them.

This package holds the static libraries, the headers, an interface that others
include, and the files that CMake and pkg-config need to find them.")
set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME tryst-tools)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SHLIBDEPS ON)
set(CPACK_COMPONENT_TOOLS_DESCRIPTION
"This package holds tryst-gen, which reads the .x files of RFC 4506 and
RFC 5531, and the dialects of them that rpcgen and others have accepted, and
writes C++23.")
set(CPACK_DEBIAN_RPCBIND_PACKAGE_NAME tryst-rpcbind)
set(CPACK_DEBIAN_RPCBIND_PACKAGE_SECTION net)
set(CPACK_DEBIAN_RPCBIND_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_RPCBIND_PACKAGE_CONFLICTS rpcbind)
set(CPACK_DEBIAN_RPCBIND_PACKAGE_REPLACES rpcbind)
set(CPACK_DEBIAN_RPCBIND_PACKAGE_PROVIDES "rpcbind, portmap")
set(CPACK_COMPONENT_RPCBIND_DESCRIPTION
"The binder of a system: it knows at which address each ONC RPC program is
reached (portmap version 2, rpcbind versions 3 and 4, RFC 1833). It stands in
for rpcbind.")
include(CPack)

# layer(<folder> [ABOVE <folders>...] [USES <libraries>...])
#
# One object library per folder, its headers each checked to compile alone. New
# files are found without being listed. ABOVE names every folder below that this
# one stands on, so that use_layers() can link the whole column.
function(layer name)
  cmake_parse_arguments(LAYER "" "" "ABOVE;USES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${name}/*.c)
  list(REMOVE_ITEM sources ${PROJECT_SOURCE_DIR}/cli/main.c) # the program's, not the layer's
  if(NOT sources)
    set(sources ${PROJECT_SOURCE_DIR}/cmake/empty.c)
  endif()
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${name}/*.h)
  add_library(${name} OBJECT ${sources})
  target_sources(${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${headers})
  set_target_properties(${name} PROPERTIES
    VERIFY_INTERFACE_HEADER_SETS ON LINKER_LANGUAGE C LAYERS "${LAYER_ABOVE};${name}")
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${LAYER_USES})
  foreach(below ${LAYER_ABOVE})
    # Their include paths, not their objects: those are linked once, by use_layers.
    target_include_directories(${name} PUBLIC $<TARGET_PROPERTY:${below},INTERFACE_INCLUDE_DIRECTORIES>)
  endforeach()
endfunction()

# use_layers(<program> <layer>...): link the named layers and all they stand on.
function(use_layers program)
  set(all "")
  foreach(name ${ARGN})
    get_target_property(column ${name} LAYERS)
    list(APPEND all ${column})
  endforeach()
  list(REMOVE_DUPLICATES all)
  target_link_libraries(${program} PRIVATE ${all})
endfunction()

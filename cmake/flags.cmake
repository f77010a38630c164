# Warnings, and what every file is compiled with.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_compile_definitions(_GNU_SOURCE)
add_compile_options(
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
  -Wvla -Wformat=2 -Werror
  -UNDEBUG # assertions stay in every build: a checker that limps on lies
  # Messages and names may be cut to fit, by design; only gcc warns.
  $<$<C_COMPILER_ID:GNU>:-Wno-format-truncation>
  # The header check compiles each header alone; a macro-only one is empty.
  $<$<C_COMPILER_ID:Clang>:-Wno-empty-translation-unit>)

set(SANITIZE "" CACHE STRING "Sanitizers to build with: address,undefined or thread")
if(SANITIZE)
  add_compile_options(-fsanitize=${SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${SANITIZE})
endif()

option(COVERAGE "Count which lines the tests run" OFF)
if(COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()

# Fuzzing instruments everything; the targets in tests/fuzz link the driver. clang only.
option(FUZZ "Build the fuzz targets with libFuzzer" OFF)
if(FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined
                      -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
endif()

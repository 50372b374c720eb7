# Sourced by ./numasim and tests/run: what must be installed, and how the build is driven.
# Every message goes to stderr; stdout belongs to the program that is started afterwards.

# To build and run.
run_packages=(
  g++ cmake ninja-build pkgconf
  libsimgrid-dev libboost-dev libboost-context-dev libboost-iostreams-dev
  libboost-program-options-dev nlohmann-json3-dev
  python3 python3-matplotlib python3-pandas
)

# To run the tests, beside the above.
test_packages=(
  git libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev valgrind clang libclang-rt-dev
  python3-jsonschema groff-base man-db
)

# For tests that are skipped, or do less, without: a cluster of one node, a browser that needs no
# screen, the kernel that runs notebooks, clients of the exports.
optional_packages=(
  slurm-wlm munge chromium-headless-shell python3-nbconvert python3-ipykernel
  linux-doc-6.1 numactl pajeng procps prometheus-node-exporter
)

readonly setup_failed=4

say() { echo "numasim: $*" >&2; }

# show_tail LOG: the end of a log, for a step that failed.
show_tail() {
  tail -n 30 "$1" >&2
  say "the whole log is in $1"
}

# missing_packages PACKAGE...: those that are not installed, on one line.
missing_packages() {
  local installed package missing=()
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null) || true
  for package in "$@"; do
    [[ $'\n'$installed$'\n' == *$'\n'"installed $package"$'\n'* ]] || missing+=("$package")
  done
  echo "${missing[*]}"
}

# ensure_packages PACKAGE...: installs what is missing, or says how and exits.
# Elsewhere than on Debian the user has to know; CMake will name what it does not find.
ensure_packages() {
  command -v dpkg-query >/dev/null || return 0
  local missing install
  missing=$(missing_packages "$@")
  [[ -n $missing ]] || return 0

  install="apt-get install -y --no-install-recommends $missing"
  if [[ $EUID -ne 0 ]]; then
    say "packages are missing; as root: apt-get update && $install"
    exit $setup_failed
  fi
  say "installing $missing"
  if ! install_packages "$install" >build/install.log 2>&1 </dev/null; then
    show_tail build/install.log
    exit $setup_failed
  fi
}

# try_packages PACKAGE...: installs what is missing if it can be done.
try_packages() {
  command -v dpkg-query >/dev/null || return 0
  local missing
  missing=$(missing_packages "$@")
  [[ -n $missing && $EUID -eq 0 ]] || return 0
  say "installing $missing"
  install_packages "apt-get install -y --no-install-recommends $missing" \
    >build/install.log 2>&1 </dev/null ||
    say "could not install $missing: the tests that need it are skipped"
}

install_packages() {
  export DEBIAN_FRONTEND=noninteractive
  apt-get update && ${1/apt-get/apt-get -o DPkg::Lock::Timeout=600}
}

# configured: whether build/ holds a build of this very checkout (it may have been moved or copied).
configured() {
  [[ -f build/build.ninja || -f build/Makefile ]] &&
    grep -qsx "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" build/CMakeCache.txt
}

# configure OPTION...: CMake into build/; afresh unless build/ is ours already.
configure() {
  local fresh=()
  configured || fresh=(--fresh)
  cmake --preset release "${fresh[@]}" "$@"
}

# compile TARGET...: builds these targets in build/.
compile() {
  cmake --build build --parallel "$(nproc)" --target "$@"
}

# logged LOG COMMAND...: runs it silently; on failure shows the end of its log and exits.
# Says one line as soon as something is really compiled.
logged() {
  local log=$1
  shift
  if ! "$@" 2>&1 </dev/null | notice_compiling "$log" >"$log"; then
    show_tail "$log"
    exit $setup_failed
  fi
}

# notice_compiling LOG: copies stdin to stdout.
notice_compiling() {
  local line said=
  while IFS= read -r line; do
    printf '%s\n' "$line"
    if [[ -z $said && $line == *"Building CXX"* ]]; then
      say "building; the log is $1"
      said=yes
    fi
  done
}

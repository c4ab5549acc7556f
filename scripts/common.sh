# SPDX-License-Identifier: Apache-2.0
# Sourced by the scripts beside it: the project's root (and where the caller was), messages, and the
# packages it needs.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
calling_folder=$PWD
cd "$root"

say() { printf '%s\n' "$*" >&2; }
die() { say "$(basename "$0"): $*"; exit 1; }

# Installs what scripts/packages.txt names and dpkg does not know as installed.
install_packages() {
    command -v dpkg-query >/dev/null || die "this is not Debian: install what scripts/packages.txt names by hand, then use cmake --preset release"
    local installed missing
    # shellcheck disable=SC2016
    installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p')
    mapfile -t missing < <(grep -vE '^(#|$)' scripts/packages.txt | grep -vxFf <(printf '%s\n' "$installed"))
    [ ${#missing[@]} -eq 0 ] || apt_install "${missing[@]}"
}

# apt_install PACKAGE...
apt_install() {
    say "installing: $*"
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || die "needs root or sudo to install: $*"
        as_root=(sudo)
    fi
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "$@" >/dev/null ||
        die "apt-get could not install: $*"
}

# configure_and_build PRESET [-DOPTION=VALUE ...] [--target NAME ...]
configure_and_build() {
    local preset=$1 options=() target=()
    shift
    while [ $# -gt 0 ]; do
        case $1 in
        --target) target+=(--target "$2"); shift ;;
        *) options+=("$1") ;;
        esac
        shift
    done
    cmake --preset "$preset" "${options[@]}" >/dev/null ||
        die "configuring '$preset' failed: run 'cmake --preset $preset' to see why"
    cmake --build --preset "$preset" "${target[@]}" || die "building '$preset' failed"
}

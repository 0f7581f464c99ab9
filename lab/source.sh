#!/bin/sh
# SPDX-License-Identifier: MIT
# source.sh SERIES FOLDER...: unpacks FOLDERs of the kernel out of its source package, which lies in the current folder.
set -eu
series=$1
shift
for folder; do
    set -- "$@" "linux-source-$series/$folder/*"
    shift
done
dpkg-deb --fsys-tarfile linux-source-"$series"_*.deb | tar -xO "./usr/src/linux-source-$series.tar.xz" |
    tar -xJ --strip-components=1 --wildcards "$@"

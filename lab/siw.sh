#!/bin/sh
# SPDX-License-Identifier: MIT
# Run in a mount namespace of its own: siw.sh TREE WORK SERIES RELEASE
# Builds siw.ko, which Debian's kernels leave out, from the kernel's own source package in WORK.
set -eu
cd "$2"
siw="linux-source-$3/drivers/infiniband/sw/siw"
dpkg-deb --fsys-tarfile linux-source-"$3"_*.deb | tar -xO "./usr/src/linux-source-$3.tar.xz" | tar -xJ --wildcards "$siw/*"
mount -t proc proc "$1/proc"
mount --bind "$2/$siw" "$1/mnt"
PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C chroot "$1" make -s -C "/lib/modules/$4/build" M=/mnt CONFIG_RDMA_SIW=m modules

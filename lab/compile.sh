#!/bin/sh
# SPDX-License-Identifier: MIT
# Run in a mount namespace of its own: compile.sh TREE FOLDER module|programs RELEASE
# Builds FOLDER's sources with the compiler, and for the kernel headers, that are in TREE.
set -eu
# objtool reads /proc when it builds for 7.2 and later.
mount -t proc proc "$1/proc"
mount --bind "$2" "$1/mnt"
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
cc='gcc -O2 -g -Wall -Wextra -Werror=implicit-function-declaration -std=gnu11'

module() {
    chroot "$1" make -s -C "/lib/modules/$2/build" M=/mnt/fixture modules
    cp "$1"/mnt/fixture/*.ko "$1/mnt/out/"
}

programs() {
    mkdir -p "$1/mnt/out/bin"
    chroot "$1" $cc -static -o /mnt/out/bin/lab-agent /mnt/guest/agent.c
    for source in "$1"/mnt/workloads/*.c; do
        name=$(basename "$source" .c)
        if [ "$name" = common ] || [ ! -e "$source" ]; then continue; fi
        chroot "$1" $cc -o "/mnt/out/bin/$name" "/mnt/workloads/$name.c" /mnt/workloads/common.c -libverbs -lpthread
    done
}

"$3" "$1" "${4-}"

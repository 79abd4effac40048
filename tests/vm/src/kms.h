// What the small KMS programs have in common: the first card, and ioctls that end the program.
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <drm.h>
#include <drm_fourcc.h>
#include <drm_mode.h>

static inline void check(int ok, const char *what) {
    if (!ok) {
        fprintf(stderr, "%s: %s\n", what, strerror(errno));
        exit(1);
    }
}

static inline int open_node(const char *path) {
    int node = open(path, O_RDWR | O_CLOEXEC);
    check(node >= 0, path);
    return node;
}

// Makes blobs of the host's memory, maps them into the guest, and sees that what is written is
// still there through another mapping, and that no blob shows another's.
#include "kms.h"

#include "virtgpu.h"

#define BLOBS 8

struct blob {
    uint32_t handle;
    uint64_t size;
};

// The number of a blob is 0: for Venus that is plain memory.
static struct blob make(int node, uint64_t size) {
    struct gpu_blob create = {.memory = GPU_MEMORY_HOST3D, .flags = GPU_MAPPABLE, .size = size};
    check(!ioctl(node, GPU_CREATE_BLOB, &create), "CREATE_BLOB");
    return (struct blob){create.handle, size};
}

static void fill(int node, struct blob blob, uint32_t seed) {
    uint32_t *words = map_buffer(node, blob.handle, blob.size);
    for (uint64_t i = 0; i < blob.size / 4; i++)
        words[i] = seed + (uint32_t)i * 2654435761u;
    munmap(words, blob.size);
}

static void compare(int node, struct blob blob, uint32_t seed) {
    uint32_t *words = map_buffer(node, blob.handle, blob.size);
    for (uint64_t i = 0; i < blob.size / 4; i++)
        if (words[i] != seed + (uint32_t)i * 2654435761u) {
            fprintf(stderr, "blob %u differs at word %llu\n", seed, (unsigned long long)i);
            exit(1);
        }
    munmap(words, blob.size);
}

int main(void) {
    int node = open_node("/dev/dri/renderD128");
    check(!context_of(node, CAPSET_VENUS), "CONTEXT_INIT");

    struct blob blobs[BLOBS];
    for (int round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < BLOBS; i++) {
            blobs[i] = make(node, (uint64_t)4096 << i);
            fill(node, blobs[i], i);
        }
        for (uint32_t i = 0; i < BLOBS; i++) {
            compare(node, blobs[i], i);
            struct drm_gem_close close = {.handle = blobs[i].handle};
            check(!ioctl(node, DRM_IOCTL_GEM_CLOSE, &close), "GEM_CLOSE");
        }
    }
    printf("%d blobs of 4 KiB to %d KiB\n", 3 * BLOBS, 4 << (BLOBS - 1));
    return 0;
}

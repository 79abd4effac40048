// The ioctls of the virtio GPU driver that the programs here use, after the kernel's
// include/uapi/drm/virtgpu_drm.h: Debian 12's headers have only the older ones.
#include <drm.h>

struct gpu_map {
    uint64_t offset;
    uint32_t handle, pad;
};
struct gpu_transfer {
    uint32_t handle, x, y, z, width, height, depth, level, offset, stride, layer_stride;
};
struct gpu_wait {
    uint32_t handle, flags;
};
struct gpu_blob {
    uint32_t memory, flags, handle, resource;
    uint64_t size;
    uint32_t pad, command_size;
    uint64_t command, id;
};
struct gpu_parameter {
    uint64_t name, value;
};
struct gpu_context {
    uint32_t count, pad;
    uint64_t parameters;
};

#define GPU_MAP DRM_IOWR(DRM_COMMAND_BASE + 0x01, struct gpu_map)
#define GPU_TRANSFER_FROM_HOST DRM_IOWR(DRM_COMMAND_BASE + 0x06, struct gpu_transfer)
#define GPU_WAIT DRM_IOWR(DRM_COMMAND_BASE + 0x08, struct gpu_wait)
#define GPU_CREATE_BLOB DRM_IOWR(DRM_COMMAND_BASE + 0x0a, struct gpu_blob)
#define GPU_CONTEXT_INIT DRM_IOWR(DRM_COMMAND_BASE + 0x0b, struct gpu_context)

#define GPU_MEMORY_HOST3D 2
#define GPU_MAPPABLE 1
#define GPU_CAPSET 1

// The capsets of OpenGL and of Venus (linux/virtio_gpu.h).
#define CAPSET_VIRGL2 2
#define CAPSET_VENUS 4

// Makes the file's context one of `capset`.
static inline int context_of(int node, uint64_t capset) {
    struct gpu_parameter parameter = {GPU_CAPSET, capset};
    struct gpu_context context = {1, 0, (uintptr_t)&parameter};
    return ioctl(node, GPU_CONTEXT_INIT, &context);
}

static inline void *map_buffer(int node, uint32_t handle, size_t size) {
    struct gpu_map map = {.handle = handle};
    check(!ioctl(node, GPU_MAP, &map), "MAP");
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, node, (off_t)map.offset);
    check(memory != MAP_FAILED, "mmap");
    return memory;
}

// Writes what the first active CRTC shows as a PPM, as the guest itself sees it: the frame
// buffer's own memory, after the host has copied there what it has drawn.
// Usage: scanout FILE.ppm
#include "kms.h"

#include "virtgpu.h"

#define MAX_CRTCS 16

struct framebuffer {
    uint32_t handle, width, height, pitch, format;
};

static struct framebuffer shown(int card) {
    uint32_t crtcs[MAX_CRTCS];
    struct drm_mode_card_res resources = {.crtc_id_ptr = (uintptr_t)crtcs, .count_crtcs = MAX_CRTCS};
    check(!ioctl(card, DRM_IOCTL_MODE_GETRESOURCES, &resources), "GETRESOURCES");
    for (uint32_t i = 0; i < resources.count_crtcs && i < MAX_CRTCS; i++) {
        struct drm_mode_crtc crtc = {.crtc_id = crtcs[i]};
        check(!ioctl(card, DRM_IOCTL_MODE_GETCRTC, &crtc), "GETCRTC");
        if (!crtc.mode_valid || !crtc.fb_id)
            continue;
        struct drm_mode_fb_cmd2 fb = {.fb_id = crtc.fb_id};
        check(!ioctl(card, DRM_IOCTL_MODE_GETFB2, &fb), "GETFB2");
        return (struct framebuffer){fb.handles[0], fb.width, fb.height, fb.pitches[0], fb.pixel_format};
    }
    fprintf(stderr, "nothing is shown\n");
    exit(1);
}

// On a card without OpenGL the memory is what is shown already.
static void copy_from_host(int card, const struct framebuffer *fb) {
    struct gpu_transfer transfer = {
        .handle = fb->handle,
        .width = fb->width,
        .height = fb->height,
        .depth = 1,
    };
    // The driver takes no distance of rows here, and the host takes it that there are no gaps.
    if (fb->pitch != fb->width * 4) {
        fprintf(stderr, "rows have gaps\n");
        exit(1);
    }
    int refused = ioctl(card, GPU_TRANSFER_FROM_HOST, &transfer);
    check(!refused || errno == ENOSYS, "TRANSFER_FROM_HOST");
    struct gpu_wait wait = {.handle = fb->handle};
    while (ioctl(card, GPU_WAIT, &wait))
        check(errno == EBUSY || errno == EINTR, "WAIT");
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: scanout FILE.ppm\n");
        return 2;
    }
    int card = open_node("/dev/dri/card0");
    // Where contexts have no types, the first command makes one.
    (void)context_of(card, CAPSET_VIRGL2);
    struct framebuffer fb = shown(card);
    int red;
    switch (fb.format) {
    case DRM_FORMAT_XRGB8888:
    case DRM_FORMAT_ARGB8888:
        red = 2;
        break;
    case DRM_FORMAT_XBGR8888:
    case DRM_FORMAT_ABGR8888:
        red = 0;
        break;
    default:
        fprintf(stderr, "format %.4s is not known\n", (char *)&fb.format);
        return 1;
    }
    copy_from_host(card, &fb);
    const uint8_t *pixels = map_buffer(card, fb.handle, (size_t)fb.pitch * fb.height);

    FILE *file = fopen(argv[1], "wb");
    check(file != NULL, argv[1]);
    fprintf(file, "P6\n%u %u\n255\n", fb.width, fb.height);
    for (uint32_t y = 0; y < fb.height; y++)
        for (uint32_t x = 0; x < fb.width; x++) {
            const uint8_t *pixel = pixels + (size_t)y * fb.pitch + x * 4;
            uint8_t rgb[3] = {pixel[red], pixel[1], pixel[2 - red]};
            fwrite(rgb, 1, sizeof rgb, file);
        }
    check(fclose(file) == 0, argv[1]);
    return 0;
}

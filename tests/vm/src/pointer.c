// Has the first active CRTC show a pointer, as the lines of its input say: `look HOT-X HOT-Y` gives
// it a picture with this hot spot, `move X Y` a place, `hide` takes it away. Says `done` after each.
#include "kms.h"

#define SIZE 64
#define MAX_CRTCS 16

static uint32_t active_crtc(int card) {
    uint32_t crtcs[MAX_CRTCS];
    struct drm_mode_card_res resources = {.crtc_id_ptr = (uintptr_t)crtcs, .count_crtcs = MAX_CRTCS};
    check(!ioctl(card, DRM_IOCTL_MODE_GETRESOURCES, &resources), "GETRESOURCES");
    for (uint32_t i = 0; i < resources.count_crtcs && i < MAX_CRTCS; i++) {
        struct drm_mode_crtc crtc = {.crtc_id = crtcs[i]};
        check(!ioctl(card, DRM_IOCTL_MODE_GETCRTC, &crtc), "GETCRTC");
        if (crtc.mode_valid)
            return crtcs[i];
    }
    fprintf(stderr, "nothing is shown\n");
    exit(1);
}

// A frame of full colours, an inside that is half seen through, and corners that are not there:
// no two edges are alike.
static uint32_t picture(int card) {
    struct drm_mode_create_dumb buffer = {.width = SIZE, .height = SIZE, .bpp = 32};
    check(!ioctl(card, DRM_IOCTL_MODE_CREATE_DUMB, &buffer), "CREATE_DUMB");
    struct drm_mode_map_dumb map = {.handle = buffer.handle};
    check(!ioctl(card, DRM_IOCTL_MODE_MAP_DUMB, &map), "MAP_DUMB");
    uint32_t *pixels =
        mmap(NULL, buffer.size, PROT_READ | PROT_WRITE, MAP_SHARED, card, (off_t)map.offset);
    check(pixels != MAP_FAILED, "mmap");
    for (uint32_t y = 0; y < SIZE; y++)
        for (uint32_t x = 0; x < SIZE; x++) {
            int corner = (x < 16 || x >= 48) && (y < 16 || y >= 48);
            int edge = x < 8 || y < 8 || x >= 56 || y >= 56;
            // Colours are multiplied with alpha.
            uint32_t inside = 0x80000000 | (x << 17) | (y << 9);
            pixels[y * (buffer.pitch / 4) + x] =
                corner ? 0 : edge ? 0xff000000 | (x << 18) | (y << 10) | 0xff : inside & 0x807f7f00;
        }
    return buffer.handle;
}

int main(void) {
    int card = open_node("/dev/dri/card0");
    struct drm_mode_cursor2 cursor = {.crtc_id = active_crtc(card), .width = SIZE, .height = SIZE};
    uint32_t handle = picture(card);
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        int x = 0, y = 0;
        if (sscanf(line, "look %d %d", &x, &y) == 2) {
            cursor.flags = DRM_MODE_CURSOR_BO;
            cursor.handle = handle;
            cursor.hot_x = x;
            cursor.hot_y = y;
        } else if (sscanf(line, "move %d %d", &x, &y) == 2) {
            cursor.flags = DRM_MODE_CURSOR_MOVE;
            cursor.x = x;
            cursor.y = y;
        } else if (!strncmp(line, "hide", 4)) {
            cursor.flags = DRM_MODE_CURSOR_BO;
            cursor.handle = 0;
        } else {
            fprintf(stderr, "look, move or hide, not %s", line);
            return 2;
        }
        check(!ioctl(card, DRM_IOCTL_MODE_CURSOR2, &cursor), "CURSOR2");
        printf("done\n");
        fflush(stdout);
    }
    return 0;
}

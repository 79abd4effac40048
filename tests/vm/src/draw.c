// Draws on the first connected output without OpenGL: a picture that moves by a line each frame,
// the whole of it declared damaged, so many times a second. Ends with a known picture and says
// how many frames a second there were.
// Usage: draw FRAMES-A-SECOND SECONDS [WIDTHxHEIGHT]; stays until its input ends
#include "kms.h"

#include <time.h>

#define MAX_OBJECTS 16
#define MAX_MODES 64

struct output {
    uint32_t connector, crtc;
    struct drm_mode_modeinfo mode;
};

// The connector's first mode, which is its preferred one, or the one of this size.
static int find_mode(int card, uint32_t id, unsigned width, unsigned height, struct output *output) {
    static struct drm_mode_modeinfo modes[MAX_MODES];
    struct drm_mode_get_connector connector = {.connector_id = id};
    // The first call has the modes probed anew.
    check(!ioctl(card, DRM_IOCTL_MODE_GETCONNECTOR, &connector), "GETCONNECTOR");
    connector.modes_ptr = (uintptr_t)modes;
    connector.count_props = connector.count_encoders = 0;
    if (connector.count_modes > MAX_MODES)
        connector.count_modes = MAX_MODES;
    check(!ioctl(card, DRM_IOCTL_MODE_GETCONNECTOR, &connector), "GETCONNECTOR");
    if (connector.connection != 1)
        return 0;
    for (uint32_t i = 0; i < connector.count_modes && i < MAX_MODES; i++)
        if (!width || (modes[i].hdisplay == width && modes[i].vdisplay == height)) {
            output->connector = id;
            output->mode = modes[i];
            return 1;
        }
    return 0;
}

static struct output find_output(int card, unsigned width, unsigned height) {
    uint32_t connectors[MAX_OBJECTS], crtcs[MAX_OBJECTS];
    struct drm_mode_card_res resources = {
        .connector_id_ptr = (uintptr_t)connectors,
        .crtc_id_ptr = (uintptr_t)crtcs,
        .count_connectors = MAX_OBJECTS,
        .count_crtcs = MAX_OBJECTS,
    };
    check(!ioctl(card, DRM_IOCTL_MODE_GETRESOURCES, &resources), "GETRESOURCES");
    // Of this driver's the n-th connector is for the n-th CRTC.
    for (uint32_t i = 0; i < resources.count_connectors && i < MAX_OBJECTS; i++) {
        struct output output = {.crtc = crtcs[i]};
        if (find_mode(card, connectors[i], width, height, &output))
            return output;
    }
    fprintf(stderr, "no output is connected that has the mode\n");
    exit(1);
}

static void paint(uint32_t *pixels, const struct drm_mode_create_dumb *buffer, uint32_t shift) {
    for (uint32_t y = 0; y < buffer->height; y++) {
        uint32_t *row = pixels + (size_t)y * (buffer->pitch / 4);
        for (uint32_t x = 0; x < buffer->width; x++)
            row[x] = ((x & 255) << 16) | (((y + shift) & 255) << 8) | ((x ^ (y + shift)) & 255);
    }
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    unsigned width = 0, height = 0;
    if (argc < 3 || (argc > 3 && sscanf(argv[3], "%ux%u", &width, &height) != 2)) {
        fprintf(stderr, "usage: draw FRAMES-A-SECOND SECONDS [WIDTHxHEIGHT]\n");
        return 2;
    }
    double rate = atof(argv[1]), seconds = atof(argv[2]);
    int card = open_node("/dev/dri/card0");
    struct output output = find_output(card, width, height);

    struct drm_mode_create_dumb buffer = {
        .width = output.mode.hdisplay, .height = output.mode.vdisplay, .bpp = 32};
    check(!ioctl(card, DRM_IOCTL_MODE_CREATE_DUMB, &buffer), "CREATE_DUMB");
    struct drm_mode_fb_cmd fb = {
        .width = buffer.width, .height = buffer.height, .pitch = buffer.pitch, .bpp = 32, .depth = 24,
        .handle = buffer.handle};
    check(!ioctl(card, DRM_IOCTL_MODE_ADDFB, &fb), "ADDFB");
    struct drm_mode_map_dumb map = {.handle = buffer.handle};
    check(!ioctl(card, DRM_IOCTL_MODE_MAP_DUMB, &map), "MAP_DUMB");
    uint32_t *pixels = mmap(NULL, buffer.size, PROT_READ | PROT_WRITE, MAP_SHARED, card, (off_t)map.offset);
    check(pixels != MAP_FAILED, "mmap");
    paint(pixels, &buffer, 0);

    struct drm_mode_crtc crtc = {
        .set_connectors_ptr = (uintptr_t)&output.connector, .count_connectors = 1,
        .crtc_id = output.crtc, .fb_id = fb.fb_id, .mode_valid = 1, .mode = output.mode};
    check(!ioctl(card, DRM_IOCTL_MODE_SETCRTC, &crtc), "SETCRTC");

    struct drm_clip_rect whole = {0, 0, (unsigned short)buffer.width, (unsigned short)buffer.height};
    struct drm_mode_fb_dirty_cmd dirty = {.fb_id = fb.fb_id, .num_clips = 1, .clips_ptr = (uintptr_t)&whole};
    double start = now(), next = start;
    unsigned frames = 0;
    while (now() - start < seconds) {
        // A line is enough to be seen to move, and costs the guest little.
        memset(pixels + (size_t)(frames % buffer.height) * (buffer.pitch / 4), (int)frames, buffer.pitch);
        check(!ioctl(card, DRM_IOCTL_MODE_DIRTYFB, &dirty), "DIRTYFB");
        frames++;
        next += 1 / rate;
        double left = next - now();
        if (left > 0)
            usleep((useconds_t)(left * 1e6));
        else
            next = now();
    }
    double took = now() - start;
    paint(pixels, &buffer, 0);
    check(!ioctl(card, DRM_IOCTL_MODE_DIRTYFB, &dirty), "DIRTYFB");
    printf("%ux%u %.1f\n", buffer.width, buffer.height, seconds > 0 ? frames / took : 0.0);
    fflush(stdout);
    while (getchar() != EOF)
        ;
    return 0;
}

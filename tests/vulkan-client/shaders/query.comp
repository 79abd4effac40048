#version 460
#extension GL_EXT_ray_query : require
// target: vulkan1.2
// One ray a pixel; barycentric coordinates and the instance make the colour.

layout(local_size_x = 8, local_size_y = 8) in;
layout(set = 0, binding = 0) uniform accelerationStructureEXT world;
layout(set = 0, binding = 1, rgba8) uniform writeonly image2D picture;

void main() {
    vec2 at = (vec2(gl_GlobalInvocationID.xy) + 0.5) / 128.0 - 1.0;
    rayQueryEXT query;
    rayQueryInitializeEXT(query, world, gl_RayFlagsOpaqueEXT, 0xff, vec3(at, -1.0), 0.0,
        vec3(0.0, 0.0, 1.0), 10.0);
    while (rayQueryProceedEXT(query)) {
    }
    vec4 colour = vec4(0.1, 0.15, 0.25, 1.0);
    if (rayQueryGetIntersectionTypeEXT(query, true) == gl_RayQueryCommittedIntersectionTriangleEXT) {
        vec2 b = rayQueryGetIntersectionBarycentricsEXT(query, true);
        int instance = rayQueryGetIntersectionInstanceCustomIndexEXT(query, true);
        colour = vec4(b, float(instance) / 8.0, 1.0);
    }
    imageStore(picture, ivec2(gl_GlobalInvocationID.xy), colour);
}

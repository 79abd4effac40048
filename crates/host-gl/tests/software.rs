//! The crate on a real driver: whatever EGL finds, in the gate Mesa's llvmpipe.
#![allow(missing_docs, reason = "tests")]

use std::sync::Arc;
use std::time::Duration;

use host_gl::{
    ApiChoice, Attachment, Attribute, AttributeKind, Box3, BufferAccess, Context, ContextConfig,
    Direct, Display, Error, Framebuffer, IndexType, Indexed, IndexedTarget, Input, Layer, Library,
    LinkOptions, MemoryLimit, Output, Pitch, PixelFormat, PlatformChoice, ShaderKind, ShareGroup,
    Texels, Texture, TextureDesc, enums as gl,
};
use host_memory::Shm;

const RGBA8: PixelFormat = match PixelFormat::new(gl::RGBA, gl::UNSIGNED_BYTE) {
    Some(format) => format,
    None => panic!(),
};

fn group(api: ApiChoice) -> Arc<ShareGroup> {
    let library = Library::open().unwrap();
    let display = Display::open(&library, &PlatformChoice::Auto).unwrap();
    ShareGroup::new(&display, ContextConfig { api, debug: true }).unwrap()
}

fn contexts() -> impl Iterator<Item = (ApiChoice, Context)> {
    let apis = [ApiChoice::Core, ApiChoice::Compatibility, ApiChoice::Es];
    apis.into_iter()
        .map(|api| (api, group(api).context().unwrap()))
}

fn desc(target: u32, [width, height, depth]: [u32; 3], levels: u32) -> TextureDesc {
    TextureDesc {
        target,
        internal: gl::RGBA8,
        width,
        height,
        depth,
        levels,
        samples: 0,
        texels: Texels::Pixels(RGBA8),
    }
}

fn whole(size: [u32; 3]) -> Box3 {
    Box3 {
        origin: [0; 3],
        size,
    }
}

#[test]
fn every_api_has_what_it_must() {
    for (api, context) in contexts() {
        let gl = context.make_current().unwrap();
        let caps = gl.caps();
        assert!(caps.is_at_least(32, 30), "{api:?}: {}", caps.version_text);
        assert_eq!(caps.api.is_es(), api == ApiChoice::Es);
        assert!(caps.glsl >= 150 && caps.extensions.count() > 10);
        assert!(caps.limits.max_texture_size >= 2048);
        assert!(caps.features.texture_storage && caps.features.sampler_objects);
        assert_eq!(gl.reset(), None);
        gl.check().unwrap();
        println!(
            "{api:?}: {} robust {}",
            caps.version_text, caps.robust_access
        );
    }
}

#[test]
fn a_number_that_gl_does_not_know_is_an_error() {
    for (_, context) in contexts() {
        let gl = context.make_current().unwrap();
        gl.enable(0xdead);
        assert!(
            matches!(gl.check(), Err(Error::Refused(error)) if error.name() == "GL_INVALID_ENUM")
        );
        gl.check().unwrap();
    }
}

#[test]
fn buffers_start_as_zeros_and_keep_what_is_written() {
    for (_, context) in contexts() {
        let gl = context.make_current().unwrap();
        let buffer = gl.create_buffer(100_000, BufferAccess::Dynamic).unwrap();
        let mut bytes = vec![1; 100_000];
        gl.read_buffer(&buffer, 0, &mut bytes).unwrap();
        assert!(bytes.iter().all(|byte| *byte == 0));
        gl.write_buffer(&buffer, 99_990, &[7; 10]).unwrap();
        gl.copy_buffer((&buffer, 99_995), (&buffer, 3), 5).unwrap();
        let mut read = [0; 10];
        gl.read_buffer(&buffer, 0, &mut read).unwrap();
        assert_eq!(read, [0, 0, 0, 7, 7, 7, 7, 7, 0, 0]);
        gl.check().unwrap();
    }
}

#[test]
fn what_a_buffers_first_write_leaves_is_zero() {
    const SIZE: usize = 200_000;
    for (_, context) in contexts() {
        let gl = context.make_current().unwrap();
        // Memory that is given back, so that what comes next may have what was in it.
        let old = gl
            .create_buffer(SIZE as u64, BufferAccess::Dynamic)
            .unwrap();
        gl.write_buffer(&old, 0, &[0xee; SIZE]).unwrap();
        drop(old);
        for (start, end) in [(0, 0), (0, SIZE), (0, 5), (SIZE - 5, SIZE), (3, 130_000)] {
            let buffer = gl
                .create_buffer(SIZE as u64, BufferAccess::Dynamic)
                .unwrap();
            let written = vec![7; end - start];
            gl.write_buffer(&buffer, start as u64, &written).unwrap();
            let mut read = vec![1; SIZE];
            gl.read_buffer(&buffer, 0, &mut read).unwrap();
            let expected = |at| if (start..end).contains(&at) { 7 } else { 0 };
            assert!(
                (0..SIZE).all(|at| read[at] == expected(at)),
                "{start}..{end}"
            );
        }
        gl.check().unwrap();
    }
}

#[test]
fn nothing_reaches_past_a_buffer() {
    let context = group(ApiChoice::Auto).context().unwrap();
    let gl = context.make_current().unwrap();
    let buffer = gl.create_buffer(16, BufferAccess::Static).unwrap();
    let out = |result: Result<(), Error>| matches!(result, Err(Error::OutOfRange { .. }));
    assert!(out(gl.write_buffer(&buffer, 13, &[0; 4])));
    assert!(out(gl.write_buffer(&buffer, u64::MAX, &[0; 4])));
    assert!(out(gl.read_buffer(&buffer, 16, &mut [0; 1])));
    assert!(out(gl.copy_buffer((&buffer, 0), (&buffer, 12), 5)));
    assert!(out(gl.bind_buffer_range(
        IndexedTarget::Uniform,
        0,
        &buffer,
        1,
        16
    )));
    assert!(out(gl.dispatch_indirect(&buffer, 8)));
    assert!(matches!(
        gl.create_buffer(u64::MAX, BufferAccess::Static),
        Err(Error::OutOfMemory)
    ));
}

#[test]
fn textures_of_every_shape_keep_what_is_written() {
    let shapes = [
        (gl::TEXTURE_1D, [7, 1, 1]),
        (gl::TEXTURE_2D, [7, 5, 1]),
        (gl::TEXTURE_3D, [7, 5, 3]),
        (gl::TEXTURE_CUBE_MAP, [5, 5, 6]),
        (gl::TEXTURE_1D_ARRAY, [7, 1, 4]),
        (gl::TEXTURE_2D_ARRAY, [7, 5, 4]),
        (gl::TEXTURE_CUBE_MAP_ARRAY, [5, 5, 12]),
        (gl::TEXTURE_RECTANGLE, [7, 5, 1]),
    ];
    for (api, context) in contexts() {
        let gl = context.make_current().unwrap();
        for (target, size) in shapes {
            let is_desktop = [gl::TEXTURE_1D, gl::TEXTURE_1D_ARRAY, gl::TEXTURE_RECTANGLE];
            if api == ApiChoice::Es && is_desktop.contains(&target) {
                continue;
            }
            let texture = gl.create_texture(&desc(target, size, 1)).unwrap();
            round_trip(&gl, &texture, size);
            round_trip_with_gaps(&gl, &texture, size);
        }
    }
}

fn round_trip(gl: &host_gl::Current<'_>, texture: &Texture, size: [u32; 3]) {
    let len = size.iter().product::<u32>() as usize * 4;
    let mut read = vec![1; len];
    gl.read_texture(texture, 0, &whole(size), &mut read)
        .unwrap();
    assert!(read.iter().all(|byte| *byte == 0), "new textures are zero");
    let written: Vec<u8> = (0..len).map(|index| (index * 7) as u8).collect();
    gl.upload(texture, 0, &whole(size), &written).unwrap();
    gl.read_texture(texture, 0, &whole(size), &mut read)
        .unwrap();
    assert_eq!(read, written, "target {:#x}", texture.desc().target);
    // One texel at the far corner.
    let corner = Box3 {
        origin: size.map(|length| length - 1),
        size: [1; 3],
    };
    gl.upload(texture, 0, &corner, &[9; 4]).unwrap();
    let mut texel = [0; 4];
    gl.read_texture(texture, 0, &corner, &mut texel).unwrap();
    assert_eq!(texel, [9; 4]);
}

/// Through pages of another's, with 3 texels between rows and 2 rows between layers.
fn round_trip_with_gaps(gl: &host_gl::Current<'_>, texture: &Texture, size: [u32; 3]) {
    const START: u64 = 12;
    let [width, height, depth] = size.map(u64::from);
    let (row, layer) = ((width + 3) * 4, (width + 3) * 4 * (height + 2));
    let pages = Shm::new("test", START + layer * depth).unwrap();
    let len = layer * (depth - 1) + row * (height - 1) + width * 4;
    let is_gap = |at: u64| {
        let place = at.checked_sub(START).filter(|place| *place < len);
        place.is_none_or(|place| place % row >= width * 4 || place % layer >= row * height)
    };
    let written: Vec<u8> = (0..pages.len()).map(|at| (at * 11 + 1) as u8).collect();
    pages.write(0, &written).unwrap();
    let region = whole(size);
    let pitch = texture.pitch(&region, row, layer).unwrap();
    let input = Input::of_pages(&pages, START, len).unwrap();
    gl.upload_from(texture, 0, &region, pitch, input).unwrap();
    pages.fill(0, pages.len(), 0xee).unwrap();
    let output = Output::of_pages(&pages, START, len).unwrap();
    gl.read_texture_into(texture, 0, &region, pitch, output)
        .unwrap();
    let mut read = vec![0; written.len()];
    pages.read(0, &mut read).unwrap();
    for (at, (read, written)) in (0..).zip(read.iter().zip(&written)) {
        let expected = if is_gap(at) { 0xee } else { *written };
        assert_eq!(*read, expected, "at {at} of {:#x}", texture.desc().target);
    }
    let short = Input::of_pages(&pages, START, len - 1).unwrap();
    assert!(matches!(
        gl.upload_from(texture, 0, &region, pitch, short),
        Err(Error::OutOfRange { .. })
    ));
    let short = Output::of_pages(&pages, START, len - 1).unwrap();
    assert!(matches!(
        gl.read_texture_into(texture, 0, &region, pitch, short),
        Err(Error::OutOfRange { .. })
    ));
}

#[test]
fn not_all_gaps_can_be_said_in_gls_words() {
    let context = group(ApiChoice::Auto).context().unwrap();
    let gl = context.make_current().unwrap();
    let size = [4, 4, 2];
    let texture = gl
        .create_texture(&desc(gl::TEXTURE_2D_ARRAY, size, 1))
        .unwrap();
    let pitch = |row, layer| texture.pitch(&whole(size), row, layer);
    assert_eq!(pitch(16, 64), Some(Pitch::TIGHT));
    assert!(pitch(20, 80).is_some_and(|pitch| pitch != Pitch::TIGHT));
    assert_eq!(pitch(18, 72), None, "half a texel");
    assert_eq!(pitch(16, 72), None, "half a row");
    assert_eq!(pitch(12, 48), None, "rows overlap");
    assert_eq!(pitch(16, 48), None, "layers overlap");
    assert_eq!(pitch(0, 0), None);
    assert_eq!(pitch(1 << 30, 1 << 32), None, "more than GL counts");
    assert_eq!(pitch(u64::MAX, u64::MAX), None);
}

#[test]
fn nothing_reaches_past_a_texture_or_a_slice() {
    let context = group(ApiChoice::Auto).context().unwrap();
    let gl = context.make_current().unwrap();
    let texture = gl
        .create_texture(&desc(gl::TEXTURE_2D, [8, 8, 1], 2))
        .unwrap();
    let outside = |level, origin, size| {
        let region = Box3 { origin, size };
        let result = gl.upload(&texture, level, &region, &[0; 1024]);
        matches!(result, Err(Error::OutsideTexture(_)))
    };
    assert!(outside(0, [1, 0, 0], [8, 8, 1]));
    assert!(outside(0, [0, 0, 1], [1, 1, 1]));
    assert!(outside(0, [u32::MAX, 0, 0], [2, 1, 1]));
    assert!(outside(1, [0; 3], [5, 4, 1]));
    assert!(outside(2, [0; 3], [1, 1, 1]));
    assert!(outside(u32::MAX, [0; 3], [1, 1, 1]));
    let short = gl.upload(&texture, 0, &whole([8, 8, 1]), &[0; 255]);
    assert!(matches!(short, Err(Error::OutOfRange { .. })));
    let short = gl.read_texture(&texture, 1, &whole([4, 4, 1]), &mut [0; 63]);
    assert!(matches!(short, Err(Error::OutOfRange { .. })));
    gl.check().unwrap();
}

#[test]
fn compressed_textures_keep_their_blocks() {
    let context = group(ApiChoice::Auto).context().unwrap();
    let gl = context.make_current().unwrap();
    let texels = Texels::Blocks([4, 4, 1, 16]);
    let desc = TextureDesc {
        internal: gl::COMPRESSED_RGBA_BPTC_UNORM,
        texels,
        ..desc(gl::TEXTURE_2D, [10, 6, 1], 1)
    };
    let texture = gl.create_texture(&desc).unwrap();
    let blocks: Vec<u8> = (0..96).map(|index| index as u8 | 1).collect();
    gl.upload(&texture, 0, &whole([10, 6, 1]), &blocks).unwrap();
    let mut read = vec![0; 96];
    gl.read_texture(&texture, 0, &whole([10, 6, 1]), &mut read)
        .unwrap();
    assert_eq!(read, blocks);
}

fn target(gl: &host_gl::Current<'_>, size: u32) -> (Framebuffer, Texture) {
    let texture = gl
        .create_texture(&desc(gl::TEXTURE_2D, [size, size, 1], 1))
        .unwrap();
    let framebuffer = gl.create_framebuffer();
    gl.bind_framebuffer(Some(&framebuffer));
    gl.attach(Attachment::Color(0), Some((&texture, 0, Layer::One(0))));
    gl.draw_buffers(&[true]);
    gl.read_color(Some(0));
    gl.check_framebuffer().unwrap();
    gl.viewport(0, 0, size as i32, size as i32);
    (framebuffer, texture)
}

fn pixels(gl: &host_gl::Current<'_>, size: u32) -> Vec<[u8; 4]> {
    let mut data = vec![0; (size * size * 4) as usize];
    gl.read_pixels([0, 0], [size, size], RGBA8, &mut data)
        .unwrap();
    data.as_chunks::<4>().0.to_vec()
}

#[test]
fn clears_fill_the_framebuffer() {
    for (_, context) in contexts() {
        let gl = context.make_current().unwrap();
        let (_framebuffer, _texture) = target(&gl, 4);
        gl.clear_color_float(0, [1.0, 0.0, 0.2, 1.0]);
        assert!(
            pixels(&gl, 4)
                .iter()
                .all(|pixel| *pixel == [255, 0, 51, 255])
        );
        gl.check().unwrap();
    }
}

const VERTEX: &str = "in vec2 position; void main() { gl_Position = vec4(position, 0.0, 1.0); }";
const FRAGMENT: &str = "precision highp float; out vec4 color; uniform vec4 tint;
    void main() { color = tint; }";

fn source(gl: &host_gl::Current<'_>, body: &str) -> String {
    match gl.caps().api.is_es() {
        true => format!("#version 300 es\n{body}"),
        false => format!("#version 150\n{body}"),
    }
}

#[test]
fn triangles_are_drawn() {
    for (_, context) in contexts() {
        let gl = context.make_current().unwrap();
        let (_framebuffer, _texture) = target(&gl, 8);
        let vertex = gl
            .compile(ShaderKind::Vertex, &source(&gl, VERTEX))
            .unwrap();
        let fragment = gl
            .compile(ShaderKind::Fragment, &source(&gl, FRAGMENT))
            .unwrap();
        let options = LinkOptions {
            attributes: vec![(3, c"position")],
            ..LinkOptions::default()
        };
        let program = gl.link(&[&vertex, &fragment], &options).unwrap();
        let tint = gl.uniform_location(&program, "tint").unwrap();
        assert_eq!(gl.uniform_location(&program, "nothing"), None);
        gl.set_vec4s(&program, tint, &[[0.0, 1.0, 0.0, 1.0]]);

        let corners: [f32; 8] = [-1.0, -1.0, 0.0, -1.0, -1.0, 1.0, 0.0, 1.0];
        let bytes: Vec<u8> = corners.iter().flat_map(|n| n.to_le_bytes()).collect();
        let vertices = Arc::new(gl.create_buffer(32, BufferAccess::Static).unwrap());
        gl.write_buffer(&vertices, 0, &bytes).unwrap();
        let mut array = gl.create_vertex_array();
        array.set_attribute(3, Some(POSITION));
        array.set_buffer(1, Some((&vertices, 0, 8)));
        gl.clear_color_float(0, [0.0; 4]);
        gl.draw(&mut array, &Direct { count: 4, ..STRIP }).unwrap();
        let left = |index: usize| index % 8 < 4;
        let is_left_half = |gl: &host_gl::Current<'_>| {
            let pixels = pixels(gl, 8);
            let mut pixels = pixels.iter().enumerate();
            pixels.all(|(index, pixel)| (*pixel == [0, 255, 0, 255]) == left(index))
        };
        assert!(is_left_half(&gl));

        let indices = Arc::new(gl.create_buffer(8, BufferAccess::Static).unwrap());
        gl.write_buffer(&indices, 1, &[0, 1, 2, 3]).unwrap();
        gl.clear_color_float(0, [0.0; 4]);
        gl.draw_indexed(&mut array, &indices, &INDEXED).unwrap();
        assert!(is_left_half(&gl));
        let too_many = Indexed {
            count: 8,
            ..INDEXED
        };
        let beyond = gl.draw_indexed(&mut array, &indices, &too_many);
        assert!(matches!(beyond, Err(Error::OutOfRange { .. })));
        gl.check().unwrap();
    }
}

const POSITION: Attribute = Attribute {
    buffer: 1,
    offset: 0,
    components: 2,
    component_type: gl::FLOAT,
    kind: AttributeKind::Float,
    divisor: 0,
};
const STRIP: Direct = Direct {
    mode: gl::TRIANGLE_STRIP,
    first: 0,
    count: 0,
    instances: 1,
    base_instance: 0,
};
const INDEXED: Indexed = Indexed {
    mode: gl::TRIANGLE_STRIP,
    index_type: IndexType::U8,
    offset: 1,
    count: 4,
    base_vertex: 0,
    instances: 1,
    base_instance: 0,
};

#[test]
fn an_attribute_without_a_buffer_is_no_pointer() {
    for (_, context) in contexts() {
        let gl = context.make_current().unwrap();
        let (_framebuffer, _texture) = target(&gl, 4);
        let vertex = gl
            .compile(ShaderKind::Vertex, &source(&gl, VERTEX))
            .unwrap();
        let fragment = gl
            .compile(ShaderKind::Fragment, &source(&gl, FRAGMENT))
            .unwrap();
        let options = LinkOptions {
            attributes: vec![(3, c"position")],
            ..LinkOptions::default()
        };
        let program = gl.link(&[&vertex, &fragment], &options).unwrap();
        gl.use_program(Some(&program));
        let mut array = gl.create_vertex_array();
        array.set_attribute(3, Some(POSITION));
        let draw = Direct {
            count: 100_000,
            ..STRIP
        };
        gl.draw(&mut array, &draw).unwrap();
        // Too small for its vertices, and dropped by everyone but the array.
        let small = Arc::new(gl.create_buffer(8, BufferAccess::Static).unwrap());
        for stride in [0, 2048, 1 << 20, u32::MAX] {
            array.set_buffer(1, Some((&small, 4, stride)));
            let drawn = gl.draw(&mut array, &draw);
            assert!(drawn.is_ok() || !gl.caps().robust_access);
        }
        drop(small);
        gl.finish();
    }
}

#[test]
fn a_shader_that_does_not_compile_says_why() {
    let context = group(ApiChoice::Auto).context().unwrap();
    let gl = context.make_current().unwrap();
    let error = gl
        .compile(ShaderKind::Vertex, "#version 150\nnonsense")
        .unwrap_err();
    assert!(matches!(error, Error::Compile(log) if !log.is_empty()));
}

#[test]
fn objects_are_shared_in_a_group_and_outlive_their_context() {
    let group = group(ApiChoice::Auto);
    let first = group.context().unwrap();
    let buffer = {
        let gl = first.make_current().unwrap();
        let buffer = gl.create_buffer(4, BufferAccess::Static).unwrap();
        gl.write_buffer(&buffer, 0, &[1, 2, 3, 4]).unwrap();
        let fence = gl.fence().unwrap();
        assert!(gl.wait(&fence, Duration::from_secs(10)).unwrap());
        buffer
    };
    drop(first);
    let second = group.context().unwrap();
    std::thread::spawn(move || {
        let gl = second.make_current().unwrap();
        let mut bytes = [0; 4];
        gl.read_buffer(&buffer, 0, &mut bytes).unwrap();
        assert_eq!(bytes, [1, 2, 3, 4]);
        drop(buffer);
    })
    .join()
    .unwrap();
}

#[test]
fn one_context_at_a_time_and_one_thread() {
    let group = group(ApiChoice::Auto);
    let (first, second) = (group.context().unwrap(), group.context().unwrap());
    let current = first.make_current().unwrap();
    assert!(first.make_current().is_ok());
    assert!(matches!(second.make_current(), Err(Error::InUse)));
    assert!(matches!(first.release(), Err(Error::InUse)));
    drop(current);
    second.make_current().unwrap();
    second.release().unwrap();
    std::thread::spawn(move || second.make_current().map(drop))
        .join()
        .unwrap()
        .unwrap();
}

#[test]
fn an_object_of_another_group_is_none() {
    let (mine, other) = (group(ApiChoice::Auto), group(ApiChoice::Auto));
    let (mine, other) = (mine.context().unwrap(), other.context().unwrap());
    let foreign = {
        let gl = other.make_current().unwrap();
        gl.create_buffer(64, BufferAccess::Static).unwrap()
    };
    let gl = mine.make_current().unwrap();
    let own = gl.create_buffer(64, BufferAccess::Static).unwrap();
    gl.write_buffer(&own, 0, &[5; 64]).unwrap();
    gl.write_buffer(&foreign, 0, &[6; 64]).unwrap();
    let mut bytes = [0; 64];
    gl.read_buffer(&own, 0, &mut bytes).unwrap();
    assert_eq!(bytes, [5; 64]);
}

/// Also the first, which is the group's root.
#[test]
fn contexts_of_a_group_end_in_any_order() {
    let group = group(ApiChoice::Auto);
    let first = group.context().unwrap();
    let buffer = {
        let gl = first.make_current().unwrap();
        let buffer = gl.create_buffer(4, BufferAccess::Static).unwrap();
        gl.write_buffer(&buffer, 0, &[1, 2, 3, 4]).unwrap();
        gl.flush();
        buffer
    };
    let second = group.context().unwrap();
    drop(first);
    let third = group.context().unwrap();
    drop(second);
    let mut bytes = [0; 4];
    let gl = third.make_current().unwrap();
    gl.read_buffer(&buffer, 0, &mut bytes).unwrap();
    assert_eq!(bytes, [1, 2, 3, 4]);
    drop(gl);
    drop(group);
    let gl = third.make_current().unwrap();
    gl.write_buffer(&buffer, 0, &bytes).unwrap();
    gl.check().unwrap();
}

#[test]
fn a_group_alike_shares_nothing_and_has_its_own_limit() {
    let model = group(ApiChoice::Auto);
    let limit = MemoryLimit::new(16 << 20, None);
    let group = model.alike(&limit).unwrap();
    assert_eq!(group.caps().version, model.caps().version);
    let context = group.context().unwrap();
    let taken = limit.taken();
    assert!(taken > 0);
    let texture = desc(gl::TEXTURE_2D, [512, 512, 1], 1);
    {
        let gl = context.make_current().unwrap();
        let own = gl.create_texture(&texture).unwrap();
        assert_eq!(limit.taken() - taken, 512 * 512 * 4);
        let view = gl.caps().features.texture_view;
        let view = view.then(|| gl.create_view(&own, &texture, 0, 0).unwrap());
        drop(own);
        // The view has the texels, and so has the unit that they were cleared at.
        assert!(limit.taken() - taken >= 512 * 512 * 4);
        drop(view);
        gl.create_texture(&desc(gl::TEXTURE_2D, [1, 1, 1], 1))
            .unwrap();
        assert!(limit.taken() - taken <= 2 * 4096);
        let large = desc(gl::TEXTURE_2D, [4096, 4096, 1], 1);
        let refused = gl.create_texture(&large).unwrap_err();
        assert!(matches!(refused, Error::OverLimit { .. }), "{refused}");
    }
    drop(context);
    drop(group);
    assert_eq!(limit.taken(), 0);
}

#[test]
fn dropped_objects_are_deleted() {
    let group = group(ApiChoice::Auto);
    let context = group.context().unwrap();
    // llvmpipe would run out of memory long before the end.
    for _ in 0..200 {
        let gl = context.make_current().unwrap();
        drop(
            gl.create_texture(&desc(gl::TEXTURE_2D, [4096, 4096, 1], 1))
                .unwrap(),
        );
    }
}

#[test]
fn formats_are_probed() {
    for (_, context) in contexts() {
        let gl = context.make_current().unwrap();
        let rgba = gl.probe_format(gl::RGBA8, Texels::Pixels(RGBA8));
        assert!(rgba.texture && rgba.render && rgba.read);
        let shared = PixelFormat::new(gl::RGB, gl::UNSIGNED_INT_5_9_9_9_REV).unwrap();
        assert!(gl.probe_format(gl::RGB9_E5, Texels::Pixels(shared)).texture);
        assert!(!gl.probe_format(0xbeef, Texels::Pixels(RGBA8)).texture);
        gl.check().unwrap();
    }
}

/// OpenGL 3.2 promises four.
#[test]
fn formats_have_samples() {
    let context = group(ApiChoice::Core).context().unwrap();
    let gl = context.make_current().unwrap();
    let rgba = gl.probe_format(gl::RGBA8, Texels::Pixels(RGBA8));
    assert!(rgba.samples >= 4, "{}", gl.caps().version_text);
}

/// Without `glGetInternalformativ`, too; drivers other than Mesa's run the test as before.
#[test]
fn formats_have_samples_on_old_contexts() {
    let run = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "formats_have_samples"])
        .env("MESA_GL_VERSION_OVERRIDE", "3.2")
        .env("MESA_GLSL_VERSION_OVERRIDE", "150")
        .env("MESA_EXTENSION_OVERRIDE", "-GL_ARB_internalformat_query")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
fn multisampled_textures_are_cleared() {
    for (_, context) in contexts() {
        let gl = context.make_current().unwrap();
        let support = gl.probe_format(gl::RGBA8, Texels::Pixels(RGBA8));
        if support.samples < 4 {
            continue;
        }
        let desc = TextureDesc {
            samples: 4,
            ..desc(gl::TEXTURE_2D_MULTISAMPLE, [4, 4, 1], 1)
        };
        let texture = gl.create_texture(&desc).unwrap();
        let framebuffer = gl.create_framebuffer();
        gl.bind_framebuffer(Some(&framebuffer));
        gl.attach(Attachment::Color(0), Some((&texture, 0, Layer::All)));
        gl.check_framebuffer().unwrap();
    }
}

#[test]
fn a_device_that_is_not_there_is_said_to_be_missing() {
    let library = Library::open().unwrap();
    let none = Display::open(&library, &PlatformChoice::Device(60));
    assert!(matches!(none, Err(Error::NoDisplay(_))));
    assert!(Display::open(&library, &PlatformChoice::Surfaceless).is_ok());
}

/// What others write there GL copies, and the other way round; and memory that is lent again
/// starts as zeros.
#[test]
fn a_shared_buffer_is_memory_that_others_see() {
    for (api, context) in contexts() {
        let gl = context.make_current().unwrap();
        if !gl.caps().features.pinned_memory {
            println!("skipped: {api:?} has no GL_AMD_pinned_memory");
            assert!(matches!(
                gl.create_shared_buffer(4096),
                Err(Error::Missing(_))
            ));
            continue;
        }
        let (buffer, pages) = gl.create_shared_buffer(5000).unwrap();
        assert!(buffer.size() == 5000 && pages.len() >= 5000);
        pages.write(4990, &[1, 2, 3, 4]).unwrap();
        let copy = gl.create_buffer(10, BufferAccess::Dynamic).unwrap();
        gl.copy_buffer((&buffer, 4990), (&copy, 0), 10).unwrap();
        let mut bytes = [0; 10];
        gl.read_buffer(&copy, 0, &mut bytes).unwrap();
        assert_eq!(bytes, [1, 2, 3, 4, 0, 0, 0, 0, 0, 0]);

        gl.write_buffer(&copy, 0, &[9; 10]).unwrap();
        gl.copy_buffer((&copy, 0), (&buffer, 100), 10).unwrap();
        let done = gl.fence().unwrap();
        assert!(gl.wait(&done, Duration::from_secs(5)).unwrap());
        pages.read(100, &mut bytes).unwrap();
        assert_eq!(bytes, [9; 10]);

        drop(buffer);
        drop(gl);
        // What was dropped is deleted when a context becomes current.
        let gl = context.make_current().unwrap();
        let (_buffer, again) = gl.create_shared_buffer(8192).unwrap();
        assert_eq!(again.base(), pages.base());
        again.read(100, &mut bytes).unwrap();
        assert_eq!(bytes, [0; 10]);
        assert!(gl.create_shared_buffer(0).is_err());
        assert!(gl.create_shared_buffer(u64::MAX).is_err());
    }
}

#[test]
fn a_deleted_framebuffers_name_may_come_again() {
    let context = group(ApiChoice::Auto).context().unwrap();
    for _ in 0..3 {
        let gl = context.make_current().unwrap();
        let (_framebuffer, _texture) = target(&gl, 4);
        gl.clear_color_float(0, [1.0; 4]);
        assert!(pixels(&gl, 4).iter().all(|pixel| *pixel == [255; 4]));
    }
}

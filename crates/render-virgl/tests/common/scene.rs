//! A framebuffer with shaders and vertices, to draw in.

use format::Format;
use wire::Guest as Bytes;
use wire_virgl::{
    BindFlags, BindableType, Blend, BlendFlags, BlendTarget, Chunk, Clear, ClearBuffers, ColorMask,
    Command, CompareFunc, ConstantBuffer, CullFace, DepthStencilAlpha, Draw, DrawVbo, Framebuffer,
    LogicOp, Object, ObjectId, PolygonMode, PrimitiveMode, Rasterizer, RasterizerFlags, Shader,
    ShaderExtra, ShaderStage, Slots, Stencil, StencilOp, StreamOutput, Surface, VertexBuffer,
    VertexElement, Viewport,
};

use super::{Guest, number, resource};

pub(crate) const POSITION: &str =
    "VERT\nDCL IN[0]\nDCL OUT[0], POSITION\n  0: MOV OUT[0], IN[0]\n  1: END\n";
pub(crate) const CONSTANT: &str = "FRAG\nPROPERTY FS_COLOR0_WRITES_ALL_CBUFS 1\nDCL OUT[0], COLOR\n\
    DCL CONST[0][0]\n  0: MOV OUT[0], CONST[0][0]\n  1: END\n";

pub(crate) const OFF: Stencil = Stencil {
    enable: false,
    func: CompareFunc::Always,
    fail: StencilOp::Keep,
    zpass: StencilOp::Keep,
    zfail: StencilOp::Keep,
    value_mask: 0,
    write_mask: 0,
};
pub(crate) const TESTS: DepthStencilAlpha = DepthStencilAlpha {
    depth_enable: false,
    depth_write: false,
    depth_func: CompareFunc::Always,
    alpha_enable: false,
    alpha_func: CompareFunc::Always,
    alpha_ref: 0.0,
    stencil: [OFF; 2],
};
pub(crate) const RASTERIZER: Rasterizer = Rasterizer {
    flags: RasterizerFlags::DEPTH_CLIP.union(RasterizerFlags::HALF_PIXEL_CENTER),
    cull: CullFace::None,
    fill_front: PolygonMode::Fill,
    fill_back: PolygonMode::Fill,
    point_size: 1.0,
    sprite_coord_enable: 0,
    line_stipple_pattern: 0,
    line_stipple_factor: 0,
    clip_plane_enable: 0,
    line_width: 1.0,
    offset_units: 0.0,
    offset_scale: 0.0,
    offset_clamp: 0.0,
};

pub(crate) fn text(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.push(0);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

pub(crate) struct Scene {
    pub(crate) guest: Guest,
    pub(crate) target: u32,
    pub(crate) vertices: u32,
}

pub(crate) const SIZE: u32 = 8;

/// A framebuffer of 8 by 8, shaders, and four corners in a buffer.
impl Scene {
    pub(crate) fn new(renderer: &render_virgl::Renderer, corners: [[f32; 4]; 4]) -> Self {
        let mut guest = Guest::new(renderer);
        let target = guest.texture(Format::R8G8B8A8_UNORM, SIZE, SIZE).id;
        let vertices = guest.buffer(64, BindFlags::VERTEX_BUFFER).id;
        let bytes: Vec<u8> = corners
            .iter()
            .flatten()
            .flat_map(|n| n.to_le_bytes())
            .collect();
        guest.put(vertices, &super::whole([64, 1, 1]), &bytes);
        let mut scene = Self {
            guest,
            target,
            vertices,
        };
        scene.set_up();
        scene
    }

    fn set_up(&mut self) {
        let surface = self.surface(self.target, Format::R8G8B8A8_UNORM);
        let elements = self.make(Object::VertexElements(vec![ELEMENT]));
        let half = SIZE as f32 / 2.0;
        let viewport = Viewport {
            scale: [half, half, 0.5],
            translate: [half, half, 0.5],
        };
        let vertices = VertexBuffer {
            stride: 16,
            offset: 0,
            resource: Some(resource(self.vertices)),
        };
        self.guest.run(&[
            Command::SetFramebufferState(Framebuffer {
                depth_stencil: None,
                color: vec![Some(surface)],
            }),
            Command::BindObject(BindableType::VertexElements, Some(elements)),
            Command::SetVertexBuffers(vec![vertices]),
            Command::SetViewportState(Slots {
                start: 0,
                values: vec![viewport],
            }),
        ]);
        self.bind(BindableType::Blend, Object::Blend(Box::new(blend(OPAQUE))));
        self.bind(
            BindableType::DepthStencilAlpha,
            Object::DepthStencilAlpha(TESTS),
        );
        self.bind(BindableType::Rasterizer, Object::Rasterizer(RASTERIZER));
        self.shader(ShaderStage::Vertex, POSITION);
        self.shader(ShaderStage::Fragment, CONSTANT);
    }

    pub(crate) fn surface(&mut self, target: u32, format: Format) -> ObjectId {
        self.make(Object::Surface(Surface {
            resource: resource(target),
            format: number(format),
            level: 0,
            first_layer: 0,
            last_layer: 0,
        }))
    }

    pub(crate) fn framebuffer(&mut self, color: &[ObjectId], depth_stencil: Option<ObjectId>) {
        let color = color.iter().copied().map(Some).collect();
        self.guest.run(&[Command::SetFramebufferState(Framebuffer {
            depth_stencil,
            color,
        })]);
    }

    pub(crate) fn make(&mut self, object: Object<'_>) -> ObjectId {
        let id = self.guest.object();
        self.guest.run(&[Command::CreateObject(id, object)]);
        id
    }

    pub(crate) fn bind(&mut self, kind: BindableType, object: Object<'_>) {
        let id = self.make(object);
        self.guest.run(&[Command::BindObject(kind, Some(id))]);
    }

    pub(crate) fn shader(&mut self, stage: ShaderStage, source: &str) {
        self.streaming_shader(stage, source, None);
    }

    pub(crate) fn streaming_shader(
        &mut self,
        stage: ShaderStage,
        source: &str,
        streamed: Option<StreamOutput>,
    ) {
        let source = text(source);
        let shader = Shader {
            stage,
            chunk: Chunk::First {
                total: source.len() as u32,
            },
            num_tokens: 100,
            extra: ShaderExtra::StreamOutput(streamed),
            text: Bytes::new(&source),
        };
        let id = self.make(Object::Shader(shader));
        self.guest.run(&[Command::BindShader(Some(id), stage)]);
    }

    pub(crate) fn color(&mut self, color: [f32; 4]) {
        let data: Vec<u8> = color.iter().flat_map(|n| n.to_le_bytes()).collect();
        let constants = ConstantBuffer {
            stage: ShaderStage::Fragment,
            index: 0,
            data: &data,
        };
        self.guest.run(&[Command::SetConstantBuffer(constants)]);
    }

    pub(crate) fn clear(&mut self) {
        let clear = Clear {
            buffers: ClearBuffers::COLOR0,
            color: [0; 4],
            depth: 0.0,
            stencil: 0,
        };
        self.guest.run(&[Command::Clear(clear)]);
    }

    /// All four corners, as a strip.
    pub(crate) fn draw(&mut self) {
        self.guest.run(&[draw(DRAW)]);
    }

    /// The picture, one letter a pixel: `.` black, `r`, `g`, `b`, `w`, `?` anything else.
    pub(crate) fn picture(&mut self) -> Vec<String> {
        self.picture_of(self.target)
    }

    pub(crate) fn picture_of(&mut self, target: u32) -> Vec<String> {
        let pixels = self
            .guest
            .pixels(target, Format::R8G8B8A8_UNORM, [SIZE, SIZE, 1]);
        let letter = |pixel: &[u8]| match pixel {
            [0, 0, 0, _] => '.',
            [255, 0, 0, _] => 'r',
            [0, 255, 0, _] => 'g',
            [0, 0, 255, _] => 'b',
            [255, 255, 255, _] => 'w',
            _ => '?',
        };
        let rows = pixels.chunks(SIZE as usize * 4);
        rows.map(|row| row.chunks(4).map(letter).collect())
            .collect()
    }
}

pub(crate) const ELEMENT: VertexElement = match wire_virgl::FormatNumber::new(31) {
    Some(format) => VertexElement {
        src_offset: 0,
        instance_divisor: 0,
        vertex_buffer: 0,
        format,
    },
    None => panic!(),
};

pub(crate) const OPAQUE: BlendTarget = BlendTarget {
    mask: ColorMask::all(),
    ..BlendTarget::OFF
};

pub(crate) fn blend(target: BlendTarget) -> Blend {
    Blend {
        flags: BlendFlags::empty(),
        logicop: LogicOp::Clear,
        targets: [target; 8],
    }
}

pub(crate) const DRAW: Draw = Draw {
    start: 0,
    count: 4,
    mode: PrimitiveMode::TriangleStrip,
    indexed: false,
    instance_count: 1,
    index_bias: 0,
    start_instance: 0,
    primitive_restart: false,
    restart_index: 0,
    min_index: 0,
    max_index: 3,
    count_from_streamout: 0,
};

/// The command for a draw.
pub(crate) fn draw(draw: Draw) -> Command<'static> {
    Command::DrawVbo(DrawVbo {
        draw,
        patch: None,
        indirect: None,
    })
}

pub(crate) fn rows(top: &str, bottom: &str) -> Vec<String> {
    (0..8)
        .map(|row| if row < 4 { top } else { bottom }.to_owned())
        .collect()
}

/// The quarter at the small rows and columns.
pub(crate) const QUARTER: [[f32; 4]; 4] = [
    [-1.0, -1.0, 0.0, 1.0],
    [0.0, -1.0, 0.0, 1.0],
    [-1.0, 0.0, 0.0, 1.0],
    [0.0, 0.0, 0.0, 1.0],
];

pub(crate) const WHOLE: [[f32; 4]; 4] = [
    [-1.0, -1.0, 0.0, 1.0],
    [1.0, -1.0, 0.0, 1.0],
    [-1.0, 1.0, 0.0, 1.0],
    [1.0, 1.0, 0.0, 1.0],
];

//! A guest by hand: resources with memory, and commands.
#![allow(dead_code, reason = "each test uses a part")]

pub(crate) mod play;
pub(crate) mod scene;

use std::sync::LazyLock;

use context::{
    Backing, Box3d, CapsetId, Context, ContextId, DeviceRenderer, EventReceiver, Piece,
    Renderer as _, Resource, ResourceId, ResourceRequest, Transfer, TransferSource, TransferTarget,
    events,
};
use format::Format;
use host_gl::{ApiChoice, ContextConfig};
use host_memory::{Pages, Shm};
use render_virgl::{Config, Renderer};
use wire::Writer;
use wire_virgl::{BindFlags, Command, FormatNumber, ObjectId, SubContextId, TextureTarget};

static CORE: LazyLock<Renderer> = LazyLock::new(|| renderer(ApiChoice::Core));
static ES: LazyLock<Renderer> = LazyLock::new(|| renderer(ApiChoice::Es));
/// Renderers that write old GLSL.
static OLD: LazyLock<[Renderer; 3]> =
    LazyLock::new(|| [130, 140, 150].map(|glsl| of_glsl(ApiChoice::Core, Some(glsl))));

fn renderer(api: ApiChoice) -> Renderer {
    of_glsl(api, None)
}

fn of_glsl(api: ApiChoice, newest_glsl: Option<u32>) -> Renderer {
    let context = ContextConfig { api, debug: true };
    Renderer::new(&Config {
        context,
        newest_glsl,
        ..Config::default()
    })
    .unwrap()
}

pub(crate) fn core() -> &'static Renderer {
    &CORE
}

/// OpenGL and OpenGL ES.
pub(crate) fn both() -> [&'static Renderer; 2] {
    [&CORE, &ES]
}

/// Those, and OpenGL with each version of its shading language before 3.30.
pub(crate) fn all() -> [&'static Renderer; 5] {
    let [first, second, third] = &*OLD;
    [&CORE, &ES, first, second, third]
}

/// Runs the tests of this program but `own` again, in processes whose Mesa has OpenGL 3.0, 3.1
/// and 3.2 and what came with them. Other drivers run them as before.
pub(crate) fn run_on_old_contexts(own: &str) {
    for (opengl, glsl) in [("3.0", "130"), ("3.1", "140"), ("3.2", "150")] {
        let program = std::env::current_exe().unwrap();
        let run = std::process::Command::new(program)
            .args(["--skip", own])
            .env("MESA_GL_VERSION_OVERRIDE", opengl)
            .env("MESA_GLSL_VERSION_OVERRIDE", glsl)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stdout);
        assert!(run.status.success(), "OpenGL {opengl}: {said}");
        assert!(!said.contains("running 0 tests"), "{said}");
    }
}

/// A device with one context, sub-context 1.
pub(crate) struct Guest {
    pub(crate) context: Box<dyn Context>,
    pub(crate) device: Box<dyn DeviceRenderer>,
    pub(crate) events: EventReceiver,
    next: u32,
}

pub(crate) struct Memory {
    pub(crate) id: u32,
    pub(crate) shm: Shm,
}

pub(crate) const CTX: ContextId = ContextId(1);

impl Guest {
    pub(crate) fn new(renderer: &Renderer) -> Self {
        let mut device = renderer.open_device().unwrap();
        let (sender, events) = events().unwrap();
        let context = device
            .create_context(CTX, CapsetId::VIRGL2, "test", sender)
            .unwrap();
        let mut guest = Self {
            context,
            device,
            events,
            next: 1,
        };
        let sub = SubContextId(1);
        guest.run(&[Command::CreateSubCtx(sub), Command::SetSubCtx(sub)]);
        guest
    }

    /// Every command of the stream succeeds.
    pub(crate) fn run(&mut self, commands: &[Command<'_>]) {
        let failures = self.failures(commands);
        assert_eq!(failures, 0, "{commands:?}");
    }

    /// How many commands of the stream fail.
    pub(crate) fn failures(&mut self, commands: &[Command<'_>]) -> u64 {
        let mut writer = Writer::new();
        for command in commands {
            command.encode(&mut writer).unwrap();
        }
        let before = self.context.stats().failures;
        self.context.submit(writer.as_bytes()).unwrap();
        self.context.stats().failures - before
    }

    pub(crate) fn object(&mut self) -> ObjectId {
        self.next += 1;
        ObjectId::new(self.next).unwrap()
    }

    /// A resource with as much memory as `size` bytes.
    pub(crate) fn resource(&mut self, request: &ResourceRequest, size: u64) -> Memory {
        self.next += 1;
        let id = self.next;
        let shm = Shm::new("resource", size).unwrap();
        let resources = self.device.resources().unwrap();
        resources.create(ResourceId(id), request).unwrap();
        let piece = Piece::new(Pages::from(shm.clone()), 0, size).unwrap();
        let backing = Backing::new([piece]).unwrap();
        resources.attach_backing(ResourceId(id), backing).unwrap();
        self.context
            .attach(ResourceId(id), &Resource::Classic)
            .unwrap();
        Memory { id, shm }
    }

    pub(crate) fn buffer(&mut self, size: u32, bind: BindFlags) -> Memory {
        self.resource(&buffer(size, bind), size.into())
    }

    pub(crate) fn texture(&mut self, format: Format, width: u32, height: u32) -> Memory {
        let request = texture(TextureTarget::Texture2D, format, [width, height, 1]);
        let size = format.level_size(width, height, 1).unwrap();
        self.resource(&request, size)
    }

    pub(crate) fn put(&mut self, id: u32, transfer: &Transfer, bytes: &[u8]) {
        let resources = self.device.resources().unwrap();
        let source = TransferSource::Bytes(bytes);
        resources
            .transfer_to_host(Some(CTX), ResourceId(id), transfer, source)
            .unwrap();
    }

    pub(crate) fn get(&mut self, id: u32, transfer: &Transfer, len: usize) -> Vec<u8> {
        let mut bytes = vec![0x5a; len];
        let resources = self.device.resources().unwrap();
        let target = TransferTarget::Bytes(&mut bytes);
        resources
            .transfer_from_host(Some(CTX), ResourceId(id), transfer, target)
            .unwrap();
        bytes
    }

    /// The pixels of level 0.
    pub(crate) fn pixels(&mut self, id: u32, format: Format, [w, h, d]: [u32; 3]) -> Vec<u8> {
        let size = format.level_size(w, h, d).unwrap();
        self.get(id, &whole([w, h, d]), usize::try_from(size).unwrap())
    }
}

pub(crate) fn buffer(size: u32, bind: BindFlags) -> ResourceRequest {
    ResourceRequest {
        target: TextureTarget::Buffer.number(),
        format: Format::R8_UNORM.to_wire(),
        bind: bind.bits(),
        width: size,
        height: 1,
        depth: 1,
        array_size: 1,
        last_level: 0,
        nr_samples: 0,
        flags: 0,
    }
}

/// Layers, where the target has such, are the depth.
pub(crate) fn texture(
    target: TextureTarget,
    format: Format,
    [w, h, d]: [u32; 3],
) -> ResourceRequest {
    let is_3d = target == TextureTarget::Texture3D;
    ResourceRequest {
        target: target.number(),
        format: format.to_wire(),
        bind: BindFlags::SAMPLER_VIEW.bits(),
        width: w,
        height: h,
        depth: if is_3d { d } else { 1 },
        array_size: if is_3d { 1 } else { d },
        last_level: 0,
        nr_samples: 0,
        flags: 0,
    }
}

pub(crate) fn whole([width, height, depth]: [u32; 3]) -> Transfer {
    Transfer {
        level: 0,
        stride: 0,
        layer_stride: 0,
        region: Box3d {
            x: 0,
            y: 0,
            z: 0,
            width,
            height,
            depth,
        },
        offset: 0,
    }
}

pub(crate) fn resource(id: u32) -> wire_virgl::ResourceId {
    wire_virgl::ResourceId::new(id).unwrap()
}

pub(crate) fn number(format: Format) -> FormatNumber {
    FormatNumber::new(format.to_wire()).unwrap()
}

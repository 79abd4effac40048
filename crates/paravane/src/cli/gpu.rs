//! What all commands can be told of the host's GPUs.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use worker::venus::{ExchangedImages, Rung};
use worker::virgl::{self, BufferWrites, MappedBuffers, PlatformChoice};
use worker::{Config, Gpu, Offer};

/// Which of the host's GPUs, and how.
#[derive(Debug, Args)]
pub(crate) struct GpuArgs {
    /// Offer only the GPU at this place in Vulkan's list, from 0, or those with this in
    /// their name, or the one behind this DRM render node; goes before --rendernode. OpenGL
    /// is on the GPU that EGL has first, unless a render node is named.
    #[arg(long, value_name = "N|NAME|PATH")]
    gpu: Option<String>,
    /// Share memory with programs in this way or not at all, instead of each memory type's
    /// best way; `paravane info` tells which ways this host has.
    #[arg(long, value_name = "RUNG")]
    memory_rung: Option<MemoryRung>,
    /// How images are made that programs hand to each other or to a display, where the host's
    /// driver exports no dma-bufs: `direct` on shared pages, `staged` in the GPU's own memory
    /// and copied to the pages; `auto` is staged where pages are far from the GPU.
    #[arg(long, value_name = "HOW", default_value = "auto")]
    exchanged_images: ImageExchange,
    /// How OpenGL sees the buffers that programs map for good: `copied` is by copies of what
    /// has changed; `auto` is in the same memory where OpenGL takes it, and `copied` elsewhere.
    #[arg(long, value_name = "HOW", default_value = "auto")]
    mapped_buffers: BufferMapping,
    /// How what programs write comes into OpenGL's buffers: `copied` by the driver, or put into
    /// the driver's own mapping of the buffer (`mapped`); `auto` is what is likely to be faster.
    #[arg(long, value_name = "HOW", default_value = "auto")]
    buffer_writes: BufferWriting,
    /// How much memory a program's OpenGL may take, in MiB, instead of half of the host's.
    #[arg(long, value_name = "MIB")]
    opengl_memory: Option<u64>,
    /// Offer virgl, or fail; without it virgl is offered where the host has OpenGL.
    #[arg(long)]
    pub(crate) virgl: bool,
    /// Do not offer virgl: programs' OpenGL is left alone.
    #[arg(long, conflicts_with = "virgl")]
    pub(crate) no_virgl: bool,
}

impl GpuArgs {
    /// All of it, for this choice of GPUs.
    pub(crate) fn config(&self, gpu: Gpu) -> Config {
        Config {
            // Who names a GPU wants that one, or to hear that it is not there.
            venus: match gpu {
                Gpu::All => Offer::IfPossible,
                _ => Offer::Always,
            },
            virgl: match (self.virgl, self.no_virgl) {
                (true, _) => Offer::Always,
                (_, true) => Offer::Never,
                _ => Offer::IfPossible,
            },
            opengl: virgl::Config {
                platform: match &gpu {
                    Gpu::RenderNode(node) => {
                        PlatformChoice::DeviceNamed(node.display().to_string())
                    }
                    _ => PlatformChoice::Auto,
                },
                mapped_buffers: match self.mapped_buffers {
                    BufferMapping::Auto => MappedBuffers::Auto,
                    BufferMapping::Copied => MappedBuffers::Copied,
                },
                buffer_writes: match self.buffer_writes {
                    BufferWriting::Auto => BufferWrites::Auto,
                    BufferWriting::Copied => BufferWrites::Copied,
                    BufferWriting::Mapped => BufferWrites::Mapped,
                },
                guest_memory: self.opengl_memory.map(|mib| mib.saturating_mul(1 << 20)),
                ..virgl::Config::default()
            },
            gpu,
            memory_rung: self.memory_rung(),
            exchanged_images: match self.exchanged_images {
                ImageExchange::Auto => ExchangedImages::Auto,
                ImageExchange::Direct => ExchangedImages::Direct,
                ImageExchange::Staged => ExchangedImages::Staged,
            },
        }
    }

    pub(super) fn memory_rung(&self) -> Option<Rung> {
        self.memory_rung.map(|rung| match rung {
            MemoryRung::DmaBuf => Rung::DmaBuf,
            MemoryRung::HostPointer => Rung::HostPointer,
            MemoryRung::Udmabuf => Rung::Udmabuf,
            MemoryRung::OpaqueFd => Rung::OpaqueFd,
        })
    }

    pub(crate) fn choice(&self) -> Gpu {
        match &self.gpu {
            None => Gpu::All,
            Some(gpu) if gpu.starts_with('/') => Gpu::RenderNode(gpu.into()),
            Some(gpu) => match gpu.parse() {
                Ok(index) => Gpu::Index(index),
                Err(_) => Gpu::Name(gpu.clone()),
            },
        }
    }
}

/// Where virgl's linked programs are kept.
#[derive(Debug, Args)]
pub(super) struct CacheArgs {
    /// For virgl: keep linked programs in this folder, so that they are not compiled again;
    /// empty for not at all. Without it they are in paravane/programs in $XDG_CACHE_HOME, or in
    /// ~/.cache. At most 256 MiB; those go first that were not used for longest.
    #[arg(long, value_name = "FOLDER", env = "PARAVANE_PROGRAM_CACHE")]
    program_cache: Option<OsString>,
    /// For virgl: keep no linked programs, and write nothing.
    #[arg(long)]
    no_program_cache: bool,
}

impl CacheArgs {
    pub(super) fn folder(&self) -> Option<PathBuf> {
        match (self.no_program_cache, &self.program_cache) {
            (true, _) => None,
            (_, Some(folder)) => Some(folder.into()).filter(|_| !folder.is_empty()),
            (_, None) => {
                let caches = || Some(std::env::home_dir()?.join(".cache"));
                // The specification of XDG_CACHE_HOME has one that is not absolute ignored.
                let named = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
                let caches = named.filter(|path| path.is_absolute()).or_else(caches)?;
                Some(caches.join("paravane/programs"))
            }
        }
    }
}

/// How images that are exchanged are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ImageExchange {
    Auto,
    Direct,
    Staged,
}

/// How OpenGL sees mapped buffers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum BufferMapping {
    Auto,
    Copied,
}

/// How bytes come into OpenGL's buffers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum BufferWriting {
    Auto,
    Copied,
    Mapped,
}

/// A way to share memory, as `paravane info` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum MemoryRung {
    /// Memory that the driver exports as dma-buf.
    DmaBuf,
    /// Pages that the driver imports by their address.
    HostPointer,
    /// Pages that the driver imports as dma-buf, by /dev/udmabuf.
    Udmabuf,
    /// Memory that the driver exports by an opaque descriptor.
    OpaqueFd,
}

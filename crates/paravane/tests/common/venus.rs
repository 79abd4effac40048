//! A guest that speaks Venus over vtest, without Mesa.

use std::io::{IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::atomic::Ordering;

use bumpalo::Bump;
use host_memory::Mapping;
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
use vulkan_types as t;
use wire::Writer;
use wire_venus::{Decoder, Encoder, GENERATE_REPLY, WireReply, WireRequest};
use wire_vtest::{
    Batch, BlobFlags, BlobType, Extent, Reply, Request, ResourceCreateBlob, SubmitCmd2, Version,
};

use super::greet;

/// `VIRTIO_GPU_CAPSET_VENUS`.
const CAPSET: u32 = 4;

/// Bytes for replies, and for a ring with all its parts.
const SHARED: u64 = 64 << 10;

/// A client in a context of its own.
pub(crate) struct Guest {
    stream: UnixStream,
    version: Version,
    replies: Mapping,
    sent: Encoder,
}

/// A blob resource, mapped.
pub(crate) struct Blob {
    pub(crate) resource: u32,
    pub(crate) pages: Mapping,
}

impl Guest {
    /// Connects, makes a context, and says where replies go. None when the server does not
    /// offer Venus.
    pub(crate) fn connect(path: &Path, name: &str) -> Option<Self> {
        let mut stream = greet(path, name);
        let version = negotiate(&mut stream);
        let offered = Request::GetCapset {
            id: CAPSET,
            version: 0,
        };
        send(&mut stream, version, &offered);
        let bytes = receive(&mut stream, version, &offered);
        match Reply::parse(&offered, version, &bytes).unwrap() {
            Reply::Capset(Some(_)) => {}
            _ => return None,
        }
        send(&mut stream, version, &Request::ContextInit(CAPSET));
        let Blob { resource, pages } = blob(&mut stream, version, 0, SHARED);
        let mut guest = Self {
            stream,
            version,
            replies: pages,
            sent: Encoder::new(),
        };
        guest.reply_to(resource);
        Some(guest)
    }

    fn reply_to(&mut self, resource_id: u32) {
        let stream = t::CommandStreamDescriptionMESA {
            resource_id,
            offset: 0,
            size: SHARED as usize,
        };
        self.post(&t::SetReplyCommandStreamMESA { stream: &stream });
    }

    /// Puts a command whose reply nobody wants into the stream.
    pub(crate) fn post<'a>(&mut self, command: &impl WireRequest<'a>) {
        command.encode_command(0, &mut self.sent);
    }

    /// Executes the stream, and this command as its last; its reply, if the guest lives.
    pub(crate) fn call<'a, C>(&mut self, command: &C, arena: &'a Bump) -> C::Reply<'a>
    where
        C: WireRequest<'a>,
        C::Reply<'a>: WireReply<'a>,
    {
        self.post(&t::SeekReplyCommandStreamMESA { position: 0 });
        command.encode_command(GENERATE_REPLY, &mut self.sent);
        self.flush();
        self.ping();
        let bytes = arena.alloc_slice_fill_copy(SHARED as usize, 0);
        self.replies.read(0, bytes).unwrap();
        C::Reply::decode_reply(&mut Decoder::new(bytes, arena)).unwrap()
    }

    /// Executes the stream.
    pub(crate) fn flush(&mut self) {
        let request = Request::SubmitCmd2(SubmitCmd2 {
            batches: vec![Batch {
                commands: self.sent.bytes(),
                ..Batch::default()
            }],
        });
        send(&mut self.stream, self.version, &request);
        self.sent.clear();
    }

    /// Waits until all that was sent is done.
    fn ping(&mut self) {
        let ping = Request::PingProtocolVersion;
        send(&mut self.stream, self.version, &ping);
        receive(&mut self.stream, self.version, &ping);
    }

    /// Makes a blob: of device memory, or of fresh pages for id 0.
    pub(crate) fn blob(&mut self, id: u64, size: u64) -> Blob {
        blob(&mut self.stream, self.version, id, size)
    }

    /// Starts a ring whose thread waits for what never comes.
    pub(crate) fn blocked_ring(&mut self, ring: u64) -> Blob {
        let blob = self.blob(0, SHARED);
        let mut wait = Encoder::new();
        t::WaitVirtqueueSeqnoMESA { seqno: 1 }.encode_command(0, &mut wait);
        let info = t::RingCreateInfoMESA {
            resource_id: blob.resource,
            size: SHARED as usize,
            idle_timeout: 1_000_000,
            head_offset: 0,
            tail_offset: 64,
            status_offset: 128,
            buffer_offset: 4096,
            buffer_size: 4096,
            extra_offset: 8192,
            extra_size: 4,
            ..Default::default()
        };
        blob.pages.write(4096, wait.bytes()).unwrap();
        let written = wait.bytes().len() as u32;
        blob.pages
            .store_u32(64, written, Ordering::Release)
            .unwrap();
        self.post(&t::CreateRingMESA {
            ring,
            create_info: &info,
        });
        blob
    }
}

fn negotiate(stream: &mut UnixStream) -> Version {
    let request = Request::ProtocolVersion(4);
    send(stream, Version::V0, &request);
    let bytes = receive(stream, Version::V0, &request);
    match Reply::parse(&request, Version::V0, &bytes).unwrap() {
        Reply::ProtocolVersion(version) => version,
        other => panic!("{other:?}"),
    }
}

fn blob(stream: &mut UnixStream, version: Version, blob_id: u64, size: u64) -> Blob {
    let request = Request::ResourceCreateBlob(ResourceCreateBlob {
        blob_type: BlobType::Host3d,
        flags: BlobFlags::MAPPABLE,
        size,
        blob_id,
    });
    send(stream, version, &request);
    let bytes = receive(stream, version, &request);
    let resource = match Reply::parse(&request, version, &bytes).unwrap() {
        Reply::Resource { resource, .. } => resource.0,
        other => panic!("{other:?}"),
    };
    let pages = Mapping::new(receive_fd(stream).as_fd(), size).unwrap();
    Blob { resource, pages }
}

fn send(stream: &mut UnixStream, version: Version, request: &Request<'_>) {
    let mut writer = Writer::new();
    request.encode(&mut writer, version);
    stream.write_all(writer.as_bytes()).unwrap();
}

fn receive(stream: &mut UnixStream, version: Version, request: &Request<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Extent::Needs(size) = Reply::extent(request, version, &bytes)
        .unwrap()
        .expect("the request has a reply")
    {
        let start = bytes.len();
        bytes.resize(size, 0);
        stream.read_exact(&mut bytes[start..]).unwrap();
    }
    bytes
}

fn receive_fd(stream: &UnixStream) -> OwnedFd {
    let mut byte = [0];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    recvmsg(
        stream,
        &mut [IoSliceMut::new(&mut byte)],
        &mut ancillary,
        RecvFlags::CMSG_CLOEXEC,
    )
    .unwrap();
    let mut fds = ancillary.drain().flat_map(|message| match message {
        RecvAncillaryMessage::ScmRights(fds) => fds.collect::<Vec<_>>(),
        _ => Vec::new(),
    });
    fds.next().expect("an fd comes with the byte")
}

//! Any request and any response, for properties.

use proptest::prelude::*;
use proptest::{array, collection, option, sample};
use wire::Guest;
use wire_virtio_gpu::*;

/// A request that owns its stream.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) header: Header,
    command: Command<'static>,
    stream: Option<Vec<u8>>,
}

impl Sample {
    pub(crate) fn as_request(&self) -> Request<'_> {
        let command = match &self.stream {
            Some(stream) => Command::Submit3d(Submit3d {
                commands: Guest::new(stream),
            }),
            None => self.command.clone(),
        };
        Request {
            header: self.header,
            command,
        }
    }
}

prop_compose! {
    pub(crate) fn any_header()(
        fence in option::of(any::<u64>()),
        context in 1u32..,
        ring in option::of(0u8..64),
    ) -> Header {
        Header {
            fence: fence.map(Fence),
            context: ContextId::new(context),
            ring: ring.and_then(RingIdx::new),
        }
    }
}

fn any_resource() -> impl Strategy<Value = ResourceId> {
    (1u32..).prop_filter_map("never 0", ResourceId::new)
}

fn any_scanout() -> impl Strategy<Value = ScanoutId> {
    (0u32..16).prop_filter_map("in range", ScanoutId::new)
}

fn any_format() -> impl Strategy<Value = Format> {
    sample::select(Format::ALL)
}

prop_compose! {
    fn any_rect()(x: u32, y: u32, width: u32, height: u32) -> Rect {
        Rect { x, y, width, height }
    }
}

fn any_entries() -> impl Strategy<Value = Vec<MemEntry>> {
    let entry = (0..=u64::MAX - u64::from(u32::MAX), any::<u32>())
        .prop_filter_map("in range", |(address, length)| {
            MemEntry::new(address, length)
        });
    collection::vec(entry, 0..20)
}

prop_compose! {
    fn any_image()(
        resource in any_resource(), width: u32, height: u32, format in any_format(),
        strides: [u32; 4], offsets: [u32; 4],
    ) -> BlobImage {
        BlobImage { resource, width, height, format, strides, offsets }
    }
}

prop_compose! {
    fn any_transfer()(
        [x, y, z, w, h, d]: [u32; 6], offset: u64, resource in any_resource(),
        [level, stride, layer_stride]: [u32; 3],
    ) -> TransferHost3d {
        let region = Box3d { x, y, z, w, h, d };
        TransferHost3d { region, offset, resource, level, stride, layer_stride }
    }
}

prop_compose! {
    fn any_create_3d()(resource in any_resource(), words in array::uniform10(any::<u32>())) -> ResourceCreate3d {
        let [target, format, bind, width, height, depth, array_size, last_level, nr_samples, flags] = words;
        let flags = ResourceFlags::from_bits_retain(flags);
        ResourceCreate3d {
            resource, target, format, bind, width, height, depth, array_size, last_level, nr_samples, flags,
        }
    }
}

prop_compose! {
    fn any_blob()(
        resource in any_resource(), mem in sample::select(BlobMem::ALL), flags in 0..8u32,
        blob_id: u64, size: u64, entries in any_entries(),
    ) -> ResourceCreateBlob {
        let flags = BlobFlags::from_bits_truncate(flags);
        ResourceCreateBlob { resource, mem, flags, blob_id: BlobId(blob_id), size, entries }
    }
}

prop_compose! {
    fn any_position()(scanout in any_scanout(), x: u32, y: u32) -> CursorPosition {
        CursorPosition { scanout, x, y }
    }
}

fn with_resource(make: fn(ResourceId) -> Command<'static>) -> BoxedStrategy<Command<'static>> {
    any_resource().prop_map(make).boxed()
}

/// The command with this number, and anything in it.
pub(crate) fn any_command(command: CommandType) -> BoxedStrategy<Command<'static>> {
    use Command as C;
    match command {
        CommandType::GetDisplayInfo => Just(C::GetDisplayInfo).boxed(),
        CommandType::CtxDestroy => Just(C::CtxDestroy).boxed(),
        CommandType::ResourceCreate2d => (any_resource(), any_format(), any::<[u32; 2]>())
            .prop_map(|(resource, format, [width, height])| {
                C::ResourceCreate2d(ResourceCreate2d {
                    resource,
                    format,
                    width,
                    height,
                })
            })
            .boxed(),
        CommandType::ResourceUnref => {
            with_resource(|resource| C::ResourceUnref(ResourceUnref { resource }))
        }
        CommandType::SetScanout => (any_rect(), any_scanout(), option::of(any_resource()))
            .prop_map(|(rect, scanout, resource)| {
                C::SetScanout(SetScanout {
                    rect,
                    scanout,
                    resource,
                })
            })
            .boxed(),
        CommandType::ResourceFlush => (any_rect(), any_resource())
            .prop_map(|(rect, resource)| C::ResourceFlush(ResourceFlush { rect, resource }))
            .boxed(),
        CommandType::TransferToHost2d => (any_rect(), any::<u64>(), any_resource())
            .prop_map(|(rect, offset, resource)| {
                C::TransferToHost2d(TransferToHost2d {
                    rect,
                    offset,
                    resource,
                })
            })
            .boxed(),
        CommandType::ResourceAttachBacking => (any_resource(), any_entries())
            .prop_map(|(resource, entries)| {
                C::ResourceAttachBacking(ResourceAttachBacking { resource, entries })
            })
            .boxed(),
        CommandType::ResourceDetachBacking => {
            with_resource(|resource| C::ResourceDetachBacking(ResourceDetachBacking { resource }))
        }
        CommandType::GetCapsetInfo => any::<u32>()
            .prop_map(|index| C::GetCapsetInfo(GetCapsetInfo { index }))
            .boxed(),
        CommandType::GetCapset => any::<[u32; 2]>()
            .prop_map(|[capset, version]| {
                let capset = CapsetId(capset);
                C::GetCapset(GetCapset { capset, version })
            })
            .boxed(),
        CommandType::GetEdid => any_scanout()
            .prop_map(|scanout| C::GetEdid(GetEdid { scanout }))
            .boxed(),
        CommandType::ResourceAssignUuid => {
            with_resource(|resource| C::ResourceAssignUuid(ResourceAssignUuid { resource }))
        }
        CommandType::ResourceCreateBlob => any_blob().prop_map(C::ResourceCreateBlob).boxed(),
        CommandType::SetScanoutBlob => (any_rect(), any_scanout(), option::of(any_image()))
            .prop_map(|(rect, scanout, image)| {
                C::SetScanoutBlob(SetScanoutBlob {
                    rect,
                    scanout,
                    image,
                })
            })
            .boxed(),
        CommandType::CtxCreate => (option::of(1..256u32), collection::vec(any::<u8>(), 0..=64))
            .prop_map(|(capset, name)| {
                let debug_name = DebugName::new(&name);
                let capset = capset.map(CapsetId);
                C::CtxCreate(CtxCreate { capset, debug_name })
            })
            .boxed(),
        CommandType::CtxAttachResource => {
            with_resource(|resource| C::CtxAttachResource(CtxResource { resource }))
        }
        CommandType::CtxDetachResource => {
            with_resource(|resource| C::CtxDetachResource(CtxResource { resource }))
        }
        CommandType::ResourceCreate3d => any_create_3d().prop_map(C::ResourceCreate3d).boxed(),
        CommandType::TransferToHost3d => any_transfer().prop_map(C::TransferToHost3d).boxed(),
        CommandType::TransferFromHost3d => any_transfer().prop_map(C::TransferFromHost3d).boxed(),
        CommandType::Submit3d => Just(C::Submit3d(Submit3d {
            commands: Guest::new(&[]),
        }))
        .boxed(),
        CommandType::ResourceMapBlob => (any_resource(), any::<u64>())
            .prop_map(|(resource, offset)| C::ResourceMapBlob(ResourceMapBlob { resource, offset }))
            .boxed(),
        CommandType::ResourceUnmapBlob => {
            with_resource(|resource| C::ResourceUnmapBlob(ResourceUnmapBlob { resource }))
        }
        CommandType::UpdateCursor => (
            any_position(),
            option::of(any_resource()),
            any::<[u32; 2]>(),
        )
            .prop_map(|(position, resource, [hot_x, hot_y])| {
                C::UpdateCursor(UpdateCursor {
                    position,
                    resource,
                    hot_x,
                    hot_y,
                })
            })
            .boxed(),
        CommandType::MoveCursor => any_position()
            .prop_map(|position| C::MoveCursor(MoveCursor { position }))
            .boxed(),
    }
}

/// A request with this command.
pub(crate) fn request_of(command: CommandType) -> impl Strategy<Value = Sample> {
    let stream = match command {
        CommandType::Submit3d => collection::vec(any::<u8>(), 0..200).prop_map(Some).boxed(),
        _ => Just(None).boxed(),
    };
    (any_header(), any_command(command), stream).prop_map(|(header, command, stream)| Sample {
        header,
        command,
        stream,
    })
}

/// A request with any command.
pub(crate) fn any_request() -> impl Strategy<Value = Sample> {
    sample::select(CommandType::ALL).prop_flat_map(request_of)
}

prop_compose! {
    fn any_display_info()(rects in collection::vec((any_rect(), any::<bool>()), 16)) -> Response {
        let mut info = DisplayInfo::default();
        for (scanout, (rect, enabled)) in info.scanouts.iter_mut().zip(rects) {
            *scanout = DisplayOne { rect, enabled };
        }
        Response::DisplayInfo(Box::new(info))
    }
}

/// The response with this number, and anything in it.
pub(crate) fn response_of(response: ResponseType) -> BoxedStrategy<Response> {
    match response {
        ResponseType::OkNodata => Just(Response::Nodata).boxed(),
        ResponseType::OkDisplayInfo => any_display_info().boxed(),
        ResponseType::OkCapsetInfo => any::<[u32; 3]>()
            .prop_map(|[capset, max_version, max_size]| {
                let capset = CapsetId(capset);
                Response::CapsetInfo(CapsetInfo {
                    capset,
                    max_version,
                    max_size,
                })
            })
            .boxed(),
        ResponseType::OkCapset => collection::vec(any::<u8>(), 0..300)
            .prop_map(Response::Capset)
            .boxed(),
        ResponseType::OkEdid => collection::vec(any::<u8>(), 0..=1024)
            .prop_filter_map("short enough", EdidBlob::new)
            .prop_map(Response::Edid)
            .boxed(),
        ResponseType::OkResourceUuid => any::<[u8; 16]>()
            .prop_map(|uuid| Response::ResourceUuid(Uuid(uuid)))
            .boxed(),
        ResponseType::OkMapInfo => sample::select(MapCache::ALL)
            .prop_map(|cache| Response::MapInfo(MapInfo { cache }))
            .boxed(),
        error => Just(error.number())
            .prop_filter_map("an error", ErrorCode::from_number)
            .prop_map(Response::Err)
            .boxed(),
    }
}

/// Any response, and the header of what it answers.
pub(crate) fn any_response() -> impl Strategy<Value = (Header, Response)> {
    let response = sample::select(ResponseType::ALL).prop_flat_map(response_of);
    (any_header(), response)
}

use wire::{ParseError, Reader, Writer};

/// A DRM syncobj of the server's device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SyncobjHandle(pub u32);

/// A point on a syncobj's timeline; 0 is a binary syncobj's only one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncobjPoint {
    /// Which syncobj.
    pub handle: SyncobjHandle,
    /// Which point.
    pub point: u64,
}

/// A wait for syncobjs (`VCMD_DRM_SYNC_WAIT_*`, `VCMD_DRM_SYNC_TIMELINE_WAIT_*`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrmSyncWait {
    /// Absolute, `CLOCK_MONOTONIC`, in nanoseconds.
    pub timeout_ns: i64,
    /// `DRM_SYNCOBJ_WAIT_FLAGS_*`, and [`DrmSyncWait::WAIT_FD`].
    pub flags: u32,
    /// What to wait for; without points in a `DRM_SYNC_WAIT`.
    pub points: Vec<SyncobjPoint>,
}

impl DrmSyncWait {
    /// The client wants an fd to wait on (`DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FD`).
    pub const WAIT_FD: u32 = 1 << 31;

    /// Whether the reply is an fd rather than the result.
    pub const fn wants_fd(&self) -> bool {
        self.flags & Self::WAIT_FD != 0
    }

    pub(crate) fn parse(reader: &mut Reader<'_>, timeline: bool) -> Result<Self, ParseError> {
        let count = reader.u32()?;
        let timeout_ns = reader.i64()?;
        let flags = reader.u32()?;
        let points = match timeline {
            true => parse_points(reader, count)?,
            false => parse_handles(reader, count)?.map(binary).collect(),
        };
        Ok(Self {
            timeout_ns,
            flags,
            points,
        })
    }

    pub(crate) fn encode(&self, writer: &mut Writer, timeline: bool) {
        writer
            .u32(count(&self.points))
            .i64(self.timeout_ns)
            .u32(self.flags);
        match timeline {
            true => encode_points(writer, &self.points),
            false => self.points.iter().for_each(|point| {
                writer.u32(point.handle.0);
            }),
        }
    }
}

/// A fence copied from point to point (`VCMD_DRM_SYNC_TRANSFER_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrmSyncTransfer {
    /// To where.
    pub dst: SyncobjPoint,
    /// From where.
    pub src: SyncobjPoint,
    /// `DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT`.
    pub flags: u32,
}

impl DrmSyncTransfer {
    pub(crate) fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        Ok(Self {
            dst: parse_point(reader)?,
            src: parse_point(reader)?,
            flags: reader.u32()?,
        })
    }

    pub(crate) fn encode(&self, writer: &mut Writer) {
        for point in [self.dst, self.src] {
            writer.u32(point.handle.0).u64(point.point);
        }
        writer.u32(self.flags);
    }
}

bitflags::bitflags! {
    /// What else happens to a submission's syncobj (`VIRTGPU_EXECBUF_SYNCOBJ_*` in
    /// `drm/virtgpu_drm.h`).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct SyncobjUseFlags: u32 {
        /// Reset it once waited for.
        const RESET = 1;
    }
}

/// A submission's syncobj (`struct drm_virtgpu_execbuffer_syncobj` in
/// `drm/virtgpu_drm.h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncobjUse {
    /// Which point.
    pub point: SyncobjPoint,
    /// What else happens to it.
    pub flags: SyncobjUseFlags,
}

/// Bytes of a [`SyncobjUse`].
pub(crate) const SYNCOBJ_USE_SIZE: usize = 16;

impl SyncobjUse {
    pub(crate) fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let handle = SyncobjHandle(reader.u32()?);
        let flags = reader.u32()?;
        let point = reader.u64()?;
        Ok(Self {
            point: SyncobjPoint { handle, point },
            flags: SyncobjUseFlags::from_bits(flags).ok_or(ParseError::BadValue {
                what: "syncobj flags",
                value: flags.into(),
            })?,
        })
    }

    pub(crate) fn encode(&self, writer: &mut Writer) {
        writer
            .u32(self.point.handle.0)
            .u32(self.flags.bits())
            .u64(self.point.point);
    }
}

/// `count` handles.
pub(crate) fn parse_handles<'a>(
    reader: &mut Reader<'a>,
    count: u32,
) -> Result<impl Iterator<Item = SyncobjHandle> + use<'a>, ParseError> {
    let bytes = reader.bytes((count as usize).saturating_mul(4))?;
    let (words, _) = bytes.as_chunks::<4>();
    Ok(words
        .iter()
        .map(|word| SyncobjHandle(u32::from_le_bytes(*word))))
}

/// `count` points, then their `count` handles.
pub(crate) fn parse_points(
    reader: &mut Reader<'_>,
    count: u32,
) -> Result<Vec<SyncobjPoint>, ParseError> {
    let bytes = reader.bytes((count as usize).saturating_mul(8))?;
    let (points, _) = bytes.as_chunks::<8>();
    let handles = parse_handles(reader, count)?;
    Ok(handles
        .zip(points)
        .map(|(handle, point)| SyncobjPoint {
            handle,
            point: u64::from_le_bytes(*point),
        })
        .collect())
}

pub(crate) fn encode_points(writer: &mut Writer, points: &[SyncobjPoint]) {
    for point in points {
        writer.u64(point.point);
    }
    for point in points {
        writer.u32(point.handle.0);
    }
}

/// The count word of a list; a list that long cannot be built from a message.
pub(crate) fn count<T>(list: &[T]) -> u32 {
    u32::try_from(list.len()).unwrap_or(u32::MAX)
}

fn parse_point(reader: &mut Reader<'_>) -> Result<SyncobjPoint, ParseError> {
    Ok(SyncobjPoint {
        handle: SyncobjHandle(reader.u32()?),
        point: reader.u64()?,
    })
}

fn binary(handle: SyncobjHandle) -> SyncobjPoint {
    SyncobjPoint { handle, point: 0 }
}

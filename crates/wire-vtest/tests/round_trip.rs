//! Every request and reply, encoded and parsed again; and bytes that nobody encoded.

use proptest::collection::vec;
use proptest::prelude::*;
use wire::{Guest, Writer};
use wire_vtest::{
    Batch, BlobFlags, BlobType, Box3d, BusyWaitFlags, Command, DrmSyncTransfer, DrmSyncWait,
    Extent, Param, Reply, Request, ResourceCreate, ResourceCreateBlob, ResourceHandle, SubmitCmd2,
    SyncId, SyncPoint, SyncWait, SyncWaitFlags, SyncobjHandle, SyncobjPoint, SyncobjUse,
    SyncobjUseFlags, Transfer, Transfer2, Version,
};

const VERSIONS: [Version; 4] = [Version::V0, Version::V2, Version::V3, Version::V4];

/// The raw material of one request of each kind.
#[derive(Clone, Debug)]
struct Seed {
    words: [u32; 12],
    long: u64,
    bytes: Vec<u8>,
    points: Vec<Pair>,
    batches: Vec<BatchSeed>,
}

/// A sync or a syncobj, and a value or a point.
type Pair = (u32, u64);

#[derive(Clone, Debug)]
struct BatchSeed {
    commands: Vec<[u8; 4]>,
    syncs: Vec<Pair>,
    ring_idx: Option<u32>,
    fences: (bool, bool),
    syncobjs: (Vec<Pair>, Vec<Pair>),
}

fn seed() -> impl Strategy<Value = Seed> {
    let batch = (
        vec(any::<[u8; 4]>(), 0..20),
        vec(any::<Pair>(), 0..5),
        proptest::option::of(0u32..64),
        any::<(bool, bool)>(),
        (vec(any::<Pair>(), 0..3), vec(any::<Pair>(), 0..3)),
    )
        .prop_map(|(commands, syncs, ring_idx, fences, syncobjs)| BatchSeed {
            commands,
            syncs,
            ring_idx,
            fences,
            syncobjs,
        });
    (
        any::<[u32; 12]>(),
        any::<u64>(),
        vec(any::<u8>(), 0..64),
        vec(any::<Pair>(), 0..6),
        vec(batch, 1..5),
    )
        .prop_map(|(words, long, bytes, points, batches)| Seed {
            words,
            long,
            bytes,
            points,
            batches,
        })
}

fn sync_points(points: &[Pair]) -> Vec<SyncPoint> {
    let point = |&(sync, value): &Pair| SyncPoint {
        sync: SyncId(sync),
        value,
    };
    points.iter().map(point).collect()
}

fn syncobj_points(points: &[Pair]) -> Vec<SyncobjPoint> {
    let point = |&(handle, point): &Pair| SyncobjPoint {
        handle: SyncobjHandle(handle),
        point,
    };
    points.iter().map(point).collect()
}

fn syncobj_uses(points: &[Pair]) -> Vec<SyncobjUse> {
    let uses = |point: SyncobjPoint| SyncobjUse {
        point,
        flags: SyncobjUseFlags::from_bits_truncate(point.handle.0),
    };
    syncobj_points(points).into_iter().map(uses).collect()
}

impl Seed {
    fn request(&self, command: Command, version: Version) -> Request<'_> {
        use Command as C;
        let w = self.words;
        let resource = ResourceHandle(w[0]);
        let syncobj = SyncobjHandle(w[0]);
        let handles = || {
            self.points
                .iter()
                .map(|point| SyncobjHandle(point.0))
                .collect()
        };
        match command {
            C::GetCaps => Request::GetCaps,
            C::ResourceCreate => Request::ResourceCreate(self.resource()),
            C::ResourceUnref => Request::ResourceUnref(resource),
            C::TransferGet => Request::TransferGet(self.transfer()),
            C::TransferPut => Request::TransferPut(self.transfer(), &self.bytes),
            C::SubmitCmd => Request::SubmitCmd(self.commands()),
            C::ResourceBusyWait => {
                Request::ResourceBusyWait(resource, BusyWaitFlags::from_bits_truncate(w[1]))
            }
            C::CreateRenderer => Request::CreateRenderer(Guest::new(&self.bytes)),
            C::GetCaps2 => Request::GetCaps2,
            C::PingProtocolVersion => Request::PingProtocolVersion,
            C::ProtocolVersion => Request::ProtocolVersion(w[0]),
            C::ResourceCreate2 => Request::ResourceCreate2(self.resource(), w[11]),
            C::TransferGet2 => Request::TransferGet2(self.transfer2()),
            C::TransferPut2 => Request::TransferPut2(self.transfer2()),
            C::GetParam => Request::GetParam(match w[0] % 3 {
                1 => Param::MaxTimelineCount,
                2 => Param::HasTimelineSyncobj,
                _ => Param::Unknown(w[1].max(3)),
            }),
            C::GetCapset => Request::GetCapset {
                id: w[0],
                version: w[1],
            },
            C::ContextInit => Request::ContextInit(w[0]),
            C::ResourceCreateBlob => Request::ResourceCreateBlob(ResourceCreateBlob {
                blob_type: [BlobType::Guest, BlobType::Host3d, BlobType::Host3dGuest]
                    [w[0] as usize % 3],
                flags: BlobFlags::from_bits_truncate(w[1]),
                size: self.long,
                blob_id: u64::from(w[2]) << 20,
            }),
            C::SyncCreate => Request::SyncCreate(self.long),
            C::SyncUnref => Request::SyncUnref(SyncId(w[0])),
            C::SyncRead => Request::SyncRead(SyncId(w[0])),
            C::SyncWrite => Request::SyncWrite(SyncPoint {
                sync: SyncId(w[0]),
                value: self.long,
            }),
            C::SyncWait => Request::SyncWait(SyncWait {
                flags: SyncWaitFlags::from_bits_truncate(w[0]),
                timeout_ms: w[1],
                points: sync_points(&self.points),
            }),
            C::SubmitCmd2 => Request::SubmitCmd2(self.submit(version)),
            C::DrmSyncCreate => Request::DrmSyncCreate(w[0]),
            C::DrmSyncDestroy => Request::DrmSyncDestroy(syncobj),
            C::DrmSyncHandleToFd => Request::DrmSyncHandleToFd(syncobj),
            C::DrmSyncFdToHandle => Request::DrmSyncFdToHandle,
            C::DrmSyncImportSyncFile => Request::DrmSyncImportSyncFile(syncobj),
            C::DrmSyncExportSyncFile => Request::DrmSyncExportSyncFile(syncobj),
            C::DrmSyncWait => {
                let mut wait = self.drm_wait();
                wait.points.iter_mut().for_each(|point| point.point = 0);
                Request::DrmSyncWait(wait)
            }
            C::DrmSyncReset => Request::DrmSyncReset(handles()),
            C::DrmSyncSignal => Request::DrmSyncSignal(handles()),
            C::DrmSyncTimelineSignal => {
                Request::DrmSyncTimelineSignal(syncobj_points(&self.points))
            }
            C::DrmSyncTimelineWait => Request::DrmSyncTimelineWait(self.drm_wait()),
            C::DrmSyncQuery => Request::DrmSyncQuery(w[0], handles()),
            C::DrmSyncTransfer => Request::DrmSyncTransfer(DrmSyncTransfer {
                dst: SyncobjPoint {
                    handle: syncobj,
                    point: self.long,
                },
                src: SyncobjPoint {
                    handle: SyncobjHandle(w[1]),
                    point: 7,
                },
                flags: w[2],
            }),
            C::ResourceExportFd => Request::ResourceExportFd(resource),
        }
    }

    fn resource(&self) -> ResourceCreate {
        let w = self.words;
        ResourceCreate {
            handle: ResourceHandle(w[0]),
            target: w[1],
            format: w[2],
            bind: w[3],
            width: w[4],
            height: w[5],
            depth: w[6],
            array_size: w[7],
            last_level: w[8],
            nr_samples: w[9],
        }
    }

    fn region(&self) -> Box3d {
        let w = self.words;
        Box3d {
            x: w[5],
            y: w[6],
            z: w[7],
            width: w[8],
            height: w[9],
            depth: w[10],
        }
    }

    fn transfer(&self) -> Transfer {
        let w = self.words;
        Transfer {
            resource: ResourceHandle(w[0]),
            level: w[1],
            stride: w[2],
            layer_stride: w[3],
            region: self.region(),
            data_size: self.bytes.len() as u32,
        }
    }

    fn transfer2(&self) -> Transfer2 {
        let w = self.words;
        Transfer2 {
            resource: ResourceHandle(w[0]),
            level: w[1],
            region: self.region(),
            data_size: w[2],
            offset: w[3],
        }
    }

    fn commands(&self) -> &[u8] {
        &self.bytes[..self.bytes.len() / 4 * 4]
    }

    fn drm_wait(&self) -> DrmSyncWait {
        DrmSyncWait {
            timeout_ns: self.long as i64,
            flags: self.words[0],
            points: syncobj_points(&self.points),
        }
    }

    fn submit(&self, version: Version) -> SubmitCmd2<'_> {
        let v4 = version >= Version::V4;
        let batch = |seed| {
            let BatchSeed {
                commands,
                syncs,
                ring_idx,
                fences,
                syncobjs,
            }: &BatchSeed = seed;
            Batch {
                commands: commands.as_flattened(),
                syncs: sync_points(syncs),
                ring_idx: *ring_idx,
                in_fence: v4 && fences.0,
                out_fence: v4 && fences.1,
                in_syncobjs: if v4 {
                    syncobj_uses(&syncobjs.0)
                } else {
                    vec![]
                },
                out_syncobjs: if v4 {
                    syncobj_uses(&syncobjs.1)
                } else {
                    vec![]
                },
            }
        };
        SubmitCmd2 {
            batches: self.batches.iter().map(batch).collect(),
        }
    }

    fn reply(&self, request: &Request<'_>, version: Version) -> Option<Reply<'_>> {
        let w = self.words;
        let resource = |has_fd| Reply::Resource {
            command: request.command(),
            resource: ResourceHandle(w[0]),
            has_fd,
        };
        Some(match request {
            Request::GetCaps => Reply::Caps(&self.bytes),
            Request::GetCaps2 => Reply::Caps2(&self.bytes),
            Request::ResourceCreate(_) if version < Version::V3 => return None,
            Request::ResourceCreate(_) => resource(false),
            Request::ResourceCreate2(_, 0) if version < Version::V3 => return None,
            Request::ResourceCreate2(..) if version < Version::V3 => Reply::ResourceMemory,
            Request::ResourceCreate2(_, data_size) => resource(*data_size != 0),
            Request::ResourceCreateBlob(_) => resource(true),
            Request::TransferGet(_) => Reply::TransferData(&self.bytes),
            Request::ResourceBusyWait(..) => Reply::Busy(w[0].is_multiple_of(2)),
            Request::PingProtocolVersion => Reply::Ping,
            Request::ProtocolVersion(_) => Reply::ProtocolVersion(version),
            Request::GetParam(_) => Reply::Param(w[0].is_multiple_of(2).then_some(w[1])),
            Request::GetCapset { .. } => {
                Reply::Capset(w[0].is_multiple_of(2).then_some(self.commands()))
            }
            Request::SyncCreate(_) => Reply::SyncCreated(SyncId(w[0])),
            Request::SyncRead(_) => Reply::SyncValue(self.long),
            Request::SyncWait(_) => Reply::SyncWait,
            Request::ResourceExportFd(_) => Reply::ResourceFd,
            Request::DrmSyncCreate(_) => Reply::DrmSyncCreated(SyncobjHandle(w[0])),
            Request::DrmSyncFdToHandle => Reply::DrmSyncHandle(SyncobjHandle(w[0])),
            Request::DrmSyncHandleToFd(_) => Reply::DrmSyncFd,
            Request::DrmSyncExportSyncFile(_) => Reply::DrmSyncFile,
            Request::DrmSyncWait(wait) | Request::DrmSyncTimelineWait(wait) if wait.wants_fd() => {
                Reply::DrmSyncWaitFd
            }
            Request::DrmSyncWait(_) | Request::DrmSyncTimelineWait(_) => Reply::DrmSyncWaited {
                first_signaled: w[0],
                status: w[1] as i32,
            },
            Request::DrmSyncQuery(_, handles) => {
                Reply::DrmSyncPoints(vec![self.long; handles.len()])
            }
            _ => return None,
        })
    }
}

/// Commands of `version`, each with the request the seed gives.
fn requests(seed: &Seed, version: Version) -> impl Iterator<Item = Request<'_>> {
    Command::ALL
        .iter()
        .filter(move |command| command.since() <= version)
        .map(move |command| seed.request(*command, version))
}

fn encode(request: &Request<'_>, version: Version) -> Vec<u8> {
    let mut writer = Writer::new();
    request.encode(&mut writer, version);
    writer.into_bytes()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_request_comes_back(seed in seed()) {
        for version in VERSIONS {
            for request in requests(&seed, version) {
                let bytes = encode(&request, version);
                prop_assert_eq!(
                    Request::extent(&bytes, version),
                    Ok(Extent::Complete(bytes.len())),
                    "{:?}", &request
                );
                prop_assert_eq!(Request::parse(&bytes, version), Ok(request));
            }
        }
    }

    #[test]
    fn a_part_of_a_request_asks_for_more_but_never_too_much(seed in seed()) {
        for request in requests(&seed, Version::V4) {
            let bytes = encode(&request, Version::V4);
            for end in 0..bytes.len() {
                match Request::extent(&bytes[..end], Version::V4) {
                    Ok(Extent::Needs(more)) => prop_assert!(end < more && more <= bytes.len()),
                    other => prop_assert!(false, "{:?} at {end}: {:?}", &request, other),
                }
                prop_assert!(Request::parse(&bytes[..end], Version::V4).is_err());
            }
        }
    }

    #[test]
    fn a_byte_too_many_is_an_error(seed in seed()) {
        for request in requests(&seed, Version::V4) {
            let mut bytes = encode(&request, Version::V4);
            bytes.push(0);
            prop_assert!(Request::parse(&bytes, Version::V4).is_err(), "{:?}", request);
        }
    }

    #[test]
    fn every_reply_comes_back(seed in seed()) {
        for version in VERSIONS {
            for request in requests(&seed, version) {
                let Some(reply) = seed.reply(&request, version) else {
                    prop_assert_eq!(Reply::extent(&request, version, &[]), Ok(None));
                    continue;
                };
                let mut writer = Writer::new();
                reply.encode(&mut writer);
                let bytes = writer.into_bytes();
                let end = Some(Extent::Complete(bytes.len()));
                prop_assert_eq!(Reply::extent(&request, version, &bytes), Ok(end));
                let parsed = Reply::parse(&request, version, &bytes);
                prop_assert_eq!(parsed.as_ref(), Ok(&reply), "{:?}", &request);
                prop_assert_eq!(parsed.map(|reply| reply.carries_fd()), Ok(reply.carries_fd()));
            }
        }
    }

    #[test]
    fn noise_is_survived(seed in seed(), noise in vec(any::<u8>(), 0..200), command in 0u32..40, at: prop::sample::Index, bit in 0u8..8) {
        for version in VERSIONS {
            drain(&noise, version);
            // Noise behind a plausible header goes deeper.
            let mut writer = Writer::new();
            writer.u32(noise.len() as u32 / 4).u32(command).bytes(&noise);
            drain(writer.as_bytes(), version);
            // And a flipped bit in a good message deeper still.
            for request in requests(&seed, version) {
                let mut bytes = encode(&request, version);
                let at = at.index(bytes.len());
                bytes[at] ^= 1 << bit;
                drain(&bytes, version);
                let _ = Reply::extent(&request, version, &noise);
                let _ = Reply::parse(&request, version, &noise);
            }
        }
    }
}

/// Parses requests to the end of `bytes` or to the first error; a complete extent that does
/// not move forward would never end.
fn drain(mut bytes: &[u8], version: Version) {
    while let Ok(Extent::Complete(end)) = Request::extent(bytes, version) {
        assert!(end >= 8);
        let _ = Request::parse(&bytes[..end], version);
        bytes = &bytes[end..];
    }
    let _ = Request::parse(bytes, version);
}

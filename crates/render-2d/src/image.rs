use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, OnceLock};

use context::{Backing, Box3d, Transfer};
use format::{Format, ScanoutPixel};
use host_memory::{Mapping, Pages, Piece, Shm};

use crate::Error;
use crate::rows::Rows;

/// Pixels of an image, at most, in each direction: what GPUs draw to.
pub const MAX_SIZE: u32 = 16_384;

/// What the memory is called in `/proc/*/maps`.
const NAME: &str = "paravane-2d";

/// A 2D resource: rows of pixels, one behind the other, from the top left on. Clones share them.
#[derive(Clone, Debug)]
pub struct Image {
    format: Format,
    width: u32,
    height: u32,
    pixels: Pages,
    /// The pixels as a dma-buf, once one was asked for; none if the host makes none.
    dma_buf: OnceLock<Option<Arc<OwnedFd>>>,
}

impl Image {
    /// An image of zeros. `format` is a number of `enum virtio_gpu_formats`, sizes are in pixels.
    ///
    /// # Errors
    /// [`Error::Format`], [`Error::Size`], [`Error::OutOfMemory`].
    pub fn new(format: u32, width: u32, height: u32) -> Result<Self, Error> {
        Self::of(format, width, height, |size| {
            Ok(Mapping::with_memfd(NAME, size)?.0.into())
        })
    }

    /// The same, for [`Image::dma_buf`]. It costs a descriptor.
    ///
    /// # Errors
    /// Those of [`Image::new`].
    pub fn for_dma_buf(format: u32, width: u32, height: u32) -> Result<Self, Error> {
        Self::of(format, width, height, |size| {
            Ok(Shm::new(NAME, size)?.into())
        })
    }

    fn of(
        format: u32,
        width: u32,
        height: u32,
        memory: impl FnOnce(u64) -> io::Result<Pages>,
    ) -> Result<Self, Error> {
        let size = Self::size_of(width, height)?;
        let known = Format::from_wire(format).filter(|it| Format::SCANOUT.contains(it));
        Ok(Self {
            format: known.ok_or(Error::Format(format))?,
            width,
            height,
            pixels: memory(size).map_err(Error::OutOfMemory)?,
            dma_buf: OnceLock::new(),
        })
    }

    /// Bytes of an image of this size in pixels.
    ///
    /// # Errors
    /// [`Error::Size`].
    pub fn size_of(width: u32, height: u32) -> Result<u64, Error> {
        let fits = |size: u32| (1..=MAX_SIZE).contains(&size);
        match fits(width) && fits(height) {
            // At most 2^30.
            true => Ok(u64::from(width) * u64::from(height) * u64::from(ScanoutPixel::BYTES)),
            false => Err(Error::Size { width, height }),
        }
    }

    /// Its pixels.
    pub fn format(&self) -> Format {
        self.format
    }

    /// In pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// In pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Bytes from row to row.
    pub fn stride(&self) -> u32 {
        // At most 2^16.
        self.width.saturating_mul(ScanoutPixel::BYTES)
    }

    /// Bytes of all pixels.
    pub fn size(&self) -> u64 {
        u64::from(self.stride()).saturating_mul(self.height.into())
    }

    /// The pixels themselves, to look at while they change.
    pub fn memory(&self) -> Backing {
        let piece = Piece::new(self.pixels.clone(), 0, self.size());
        // The mapping was made for as many bytes.
        piece
            .ok()
            .and_then(|piece| Backing::new([piece]))
            .unwrap_or_default()
    }

    /// The pixels as a dma-buf, the same each time: for [`Image::for_dma_buf`], where the host has
    /// `/dev/udmabuf` and makes one of this size.
    pub fn dma_buf(&self) -> Option<Arc<OwnedFd>> {
        let made = self.dma_buf.get_or_init(|| match &self.pixels {
            Pages::Shm(shm) => host_memory::udmabuf(shm).ok().map(Arc::new),
            Pages::Mapping(_) => None,
        });
        made.clone()
    }

    /// Moves pixels from the guest's memory into the image. Without a stride of its own
    /// (`VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D` has none), rows lie as far apart in the memory as
    /// those of the image, and `offset` is where the region's first pixel is there.
    ///
    /// # Errors
    /// Nothing has moved: [`Error::OutsideImage`], [`Error::OutsideMemory`], [`Error::Overlap`].
    pub fn transfer_to_host(&self, transfer: &Transfer, memory: &Backing) -> Result<(), Error> {
        match self.rows(transfer, memory)? {
            Some(rows) => Ok(rows.to_image(memory, &self.pixels)?),
            None => Ok(()),
        }
    }

    /// Moves pixels from the image into the guest's memory.
    ///
    /// # Errors
    /// Those of [`Image::transfer_to_host`].
    pub fn transfer_from_host(&self, transfer: &Transfer, memory: &Backing) -> Result<(), Error> {
        match self.rows(transfer, memory)? {
            Some(rows) => Ok(rows.to_memory(&self.pixels, memory)?),
            None => Ok(()),
        }
    }

    fn rows(&self, transfer: &Transfer, memory: &Backing) -> Result<Option<Rows>, Error> {
        if transfer.level != 0 || !self.has(&transfer.region) {
            return Err(Error::OutsideImage {
                width: self.width,
                height: self.height,
            });
        }
        Rows::new(transfer, self.width, ScanoutPixel::BYTES, memory.len())
    }

    /// Whether every pixel of a region lies in the image.
    fn has(&self, region: &Box3d) -> bool {
        let ends = |start: u32, size: u32, limit: u32| {
            start.checked_add(size).is_some_and(|end| end <= limit)
        };
        ends(region.x, region.width, self.width)
            && ends(region.y, region.height, self.height)
            && ends(region.z, region.depth, 1)
    }
}

//! The device's thread: takes requests from the queues, has the device do them, and gives the
//! answers back.

use std::collections::HashMap;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use context::{Event, EventReceiver, EventSender, FenceId};
use device::{Device, Mode, Notice};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use vhost::vhost_user::GpuBackend;
use wire::Writer;
use wire_virtio_gpu::limits::MAX_HEAD;
use wire_virtio_gpu::{ErrorCode, Events, Features, Head, Header, Queue, RequestError, Response};

use crate::chain::Writable;
use crate::channel::Channel;
use crate::fault::Faults;
use crate::front_end::{Answer as ScreenAnswer, FrontEnd, Question};
use crate::limits::{MAX_AT_A_TIME, MAX_DISPLAY_WAIT, MAX_WAITING};
use crate::requests;
use crate::ring::{Empty, Given, Life, Taken};
use crate::shared::{Message, Shared};

/// The device, and what is under way.
pub(crate) struct Worker {
    pub(crate) shared: Arc<Shared>,
    pub(crate) device: Device,
    pub(crate) channel: Channel,
    pub(crate) front_end: Option<FrontEnd>,
    pub(crate) events: EventSender,
    receiver: EventReceiver,
    headless: bool,
    dma_bufs: bool,
    /// Which of the front end's display sockets is the one that counts.
    socket: u64,
    /// What the front end is asked for, on behalf of a request that the control queue waits for.
    asked: Option<Asked>,
    /// What is done and not answered: a fence has not signalled.
    fenced: HashMap<FenceId, Answer>,
    newest_fence: u64,
    /// The lives of the queues that the device knows of.
    lives: [Life; 2],
    is_over: bool,
    /// Answers for a ring that stands still, in their order.
    held: Vec<Answer>,
    faults: Faults,
}

/// A request that is to be answered.
#[derive(Debug)]
struct Place {
    queue: Queue,
    head: u16,
    life: Life,
    writable: Writable,
}

/// An answer, and where it goes.
#[derive(Debug)]
struct Answer {
    place: Place,
    bytes: Vec<u8>,
}

#[derive(Debug)]
struct Asked {
    place: Place,
    header: Header,
    question: Question,
    deadline: Instant,
}

/// What comes of a request.
pub(crate) enum Outcome {
    /// It is done, or refused.
    Done(Response),
    /// The front end is to be asked first.
    Ask(Question),
}

impl Worker {
    /// Fails when the host is out of fds.
    pub(crate) fn new(
        shared: Arc<Shared>,
        device: Device,
        headless: bool,
        dma_bufs: bool,
    ) -> io::Result<Self> {
        let (events, receiver) = context::events()?;
        Ok(Self {
            shared,
            device,
            channel: Channel::default(),
            front_end: None,
            events,
            receiver,
            headless,
            dma_bufs,
            socket: 0,
            asked: None,
            fenced: HashMap::new(),
            newest_fence: 0,
            lives: [Life::default(); 2],
            is_over: false,
            held: Vec::new(),
            faults: Faults::default(),
        })
    }

    /// Serves the queues until the front end is gone.
    pub(crate) fn run(mut self) {
        loop {
            self.take_messages();
            if self.is_over {
                return;
            }
            self.take_events();
            self.give_held();
            self.give_up_asking();
            let shared = Arc::clone(&self.shared);
            let busy = shared.turn.begin();
            let is_more = self.serve(Queue::Cursor) | self.serve(Queue::Control);
            drop(busy);
            if !is_more {
                self.sleep();
            }
        }
    }

    /// Acts on what the control socket's thread and the display's have sent.
    fn take_messages(&mut self) {
        for message in self.shared.mailbox.take() {
            match message {
                Message::Wake => {}
                Message::Reset => self.reset(),
                Message::Display(socket) => self.show_on(socket),
                Message::Channel(backend) => self.channel.set(backend),
                Message::Answer(socket, answer) if socket == self.socket => {
                    self.take_answer(answer);
                }
                Message::Answer(..) => {}
                Message::End => self.is_over = true,
            }
        }
    }

    fn reset(&mut self) {
        self.asked = None;
        self.fenced.clear();
        self.held.clear();
        self.device.reset();
        match context::events() {
            Ok((events, receiver)) => (self.events, self.receiver) = (events, receiver),
            // What the old contexts told last is not waited for by anyone.
            Err(_) => drop(self.receiver.drain()),
        }
        self.take_notices();
    }

    fn show_on(&mut self, socket: GpuBackend) {
        if self.headless {
            return;
        }
        self.socket = self.socket.wrapping_add(1);
        let (shared, number) = (Arc::clone(&self.shared), self.socket);
        let answer = move |answer| shared.send(Message::Answer(number, answer));
        let viewer = self.device.display().viewer();
        let started = viewer.and_then(|it| FrontEnd::start(socket, it, self.dma_bufs, answer));
        match started {
            Ok(front_end) => self.front_end = Some(front_end),
            Err(error) => tracing::warn!("the screens are not shown: {error}"),
        }
    }

    fn take_events(&mut self) {
        for event in self.receiver.drain() {
            if let Event::ContextLost { ctx, reason } = &event {
                let line = format_args!("context {ctx} is lost: {reason}");
                self.faults.host(&line);
            }
            self.device.take_event(&event);
        }
        self.take_notices();
    }

    /// Does what the device has left to do.
    fn take_notices(&mut self) {
        for notice in self.device.notices() {
            match notice {
                Notice::FenceSignaled(fence) => {
                    if let Some(answer) = self.fenced.remove(&fence) {
                        self.give(answer);
                    }
                }
                Notice::Unmapped(range) => {
                    if let Err(error) = self.channel.unmap(range.offset, range.len) {
                        self.faults.host(&error);
                    }
                }
                // The front end tells of its screens itself.
                Notice::ScreensChanged if self.front_end.is_some() => {}
                Notice::ScreensChanged => self.shared.pending.raise(Events::DISPLAY),
            }
        }
    }

    /// Serves requests of a queue, not too many. Returns whether there may be more.
    fn serve(&mut self, queue: Queue) -> bool {
        for _ in 0..MAX_AT_A_TIME {
            if !self.is_open(queue) {
                return false;
            }
            match self.shared.ring(queue).take() {
                Ok(taken) => {
                    self.begin_life(queue, taken.life);
                    self.serve_one(queue, taken);
                }
                Err(Empty::Nothing) => return false,
                Err(Empty::Broken(error)) => {
                    let line = format_args!("the {queue} queue makes no sense: {error}");
                    self.faults.guest(&line);
                    return false;
                }
            }
        }
        true
    }

    /// A request of a queue's new life is for a device that the old one left nothing in: that a
    /// driver begins anew is sent before it can put anything in the queue.
    fn begin_life(&mut self, queue: Queue, life: Life) {
        let known = match queue {
            Queue::Control => &mut self.lives[0],
            Queue::Cursor => &mut self.lives[1],
        };
        if std::mem::replace(known, life) != life {
            self.take_messages();
        }
    }

    /// Whether requests may be taken: not while one waits for the front end, or too many for
    /// fences.
    fn is_open(&self, queue: Queue) -> bool {
        match queue {
            Queue::Cursor => true,
            Queue::Control => self.asked.is_none() && self.fenced.len() < MAX_WAITING,
        }
    }

    fn serve_one(&mut self, queue: Queue, taken: Taken) {
        let (head, writable, header, outcome) = match taken.chain {
            Ok(chain) => {
                let (header, outcome) = self.execute_chain(queue, &chain);
                (chain.head, chain.writable, header, outcome)
            }
            Err(error) => {
                self.faults.guest(&error);
                let refused = Outcome::Done(Response::Err(ErrorCode::Unspec));
                (error.head, error.writable, Header::default(), refused)
            }
        };
        let place = Place {
            queue,
            head,
            life: taken.life,
            writable,
        };
        // What is unmapped is so before the guest hears of it.
        self.take_notices();
        match outcome {
            Outcome::Done(response) => self.answer(place, &header, &response),
            Outcome::Ask(question) => self.ask(place, header, question),
        }
        self.take_notices();
    }

    fn execute_chain(&mut self, queue: Queue, chain: &crate::chain::Chain) -> (Header, Outcome) {
        let refused = |worker: &mut Self, header, fault: &dyn std::fmt::Display, code| {
            worker.faults.guest(fault);
            (header, Outcome::Done(Response::Err(code)))
        };
        let memory = self.shared.memory.get();
        let readable = usize::try_from(chain.readable_len()).unwrap_or(usize::MAX);
        let mut bytes = [0; MAX_HEAD];
        let (start, _) = bytes.split_at_mut(readable.min(MAX_HEAD));
        if let Err(error) = chain.read(&memory, 0, start) {
            return refused(self, Header::default(), &error, ErrorCode::Unspec);
        }
        let features = self.shared.accepted().unwrap_or(Features::empty());
        let whole = |error: RequestError| (error.header(), error.code(), error);
        let head = Head::parse(start, queue, features).map_err(whole);
        let parsed = head.and_then(|head| Ok((head.tail(readable).map_err(whole)?, head)));
        let (tail, head) = match parsed {
            Ok(parsed) => parsed,
            Err((header, code, error)) => return refused(self, header, &error, code),
        };
        let header = head.header();
        let mut bytes = vec![0; tail.len()];
        if let Err(error) = chain.read(&memory, tail.start as u64, &mut bytes) {
            return refused(self, header, &error, ErrorCode::InvalidParameter);
        }
        match head.complete(&bytes) {
            Ok(request) => (header, self.execute(&memory, &request)),
            Err(error) => refused(self, header, &error, error.code()),
        }
    }

    /// Answers a request: at once, or when its fence signals.
    fn answer(&mut self, place: Place, header: &Header, response: &Response) {
        let mut writer = Writer::with_capacity(response.size());
        response.encode(header, &mut writer);
        let bytes = writer.into_bytes();
        if place.queue == Queue::Control && place.writable.len() < bytes.len() as u64 {
            let room = place.writable.len();
            let line = format_args!("no room for {} bytes of response in {room}", bytes.len());
            self.faults.guest(&line);
        }
        let answer = Answer { place, bytes };
        if header.fence.is_none() || answer.place.queue == Queue::Cursor {
            return self.give(answer);
        }
        self.newest_fence = self.newest_fence.saturating_add(1);
        let fence = FenceId(self.newest_fence);
        match self.device.fence_on(requests::timeline(header), fence) {
            Ok(()) => drop(self.fenced.insert(fence, answer)),
            // Nobody is going to signal it.
            Err(_) => self.give(answer),
        }
    }

    fn give(&mut self, answer: Answer) {
        let place = &answer.place;
        let ring = self.shared.ring(place.queue);
        if ring.give(place.head, place.life, &place.writable, &answer.bytes) == Given::Later {
            self.held.push(answer);
        }
    }

    /// Gives what a ring that stood still may take now.
    fn give_held(&mut self) {
        for answer in std::mem::take(&mut self.held) {
            self.give(answer);
        }
    }

    fn ask(&mut self, place: Place, header: Header, question: Question) {
        if let Some(front_end) = &self.front_end {
            front_end.ask(question);
        }
        self.asked = Some(Asked {
            place,
            header,
            question,
            deadline: Instant::now()
                .checked_add(MAX_DISPLAY_WAIT)
                .unwrap_or_else(Instant::now),
        });
    }

    /// The front end has answered.
    fn take_answer(&mut self, answer: ScreenAnswer) {
        let response = match answer {
            ScreenAnswer::Screens(screens) => {
                self.set_screens(&screens);
                self.asked_for(Question::Screens)
                    .then(|| requests::display_info(&screens))
            }
            ScreenAnswer::Edid(screen, edid) => self.asked_for(Question::Edid(screen)).then(|| {
                edid.and_then(requests::edid)
                    .unwrap_or_else(|| self.own_edid(screen))
            }),
            ScreenAnswer::Gone => {
                self.front_end = None;
                return self.answer_for_front_end();
            }
        };
        if let Some(response) = response
            && let Some(asked) = self.asked.take()
        {
            self.answer(asked.place, &asked.header, &response);
            self.take_notices();
        }
    }

    fn asked_for(&self, question: Question) -> bool {
        self.asked
            .as_ref()
            .is_some_and(|it| it.question == question)
    }

    /// The device's screens are those of the front end: what there is to fall back on when it
    /// does not answer.
    fn set_screens(&mut self, screens: &[Option<display::Rect>]) {
        for (scanout, rect) in (0..).zip(screens) {
            let mode = rect.and_then(|rect| Mode::new(rect.width, rect.height, REFRESH).ok());
            // The front end knows more screens than there are.
            let _ = self.device.set_screen(scanout, mode);
        }
        self.take_notices();
    }

    /// Answers what the front end did not.
    fn answer_for_front_end(&mut self) {
        let Some(asked) = self.asked.take() else {
            return;
        };
        let response = match asked.question {
            Question::Screens => self.own_display_info(),
            Question::Edid(screen) => self.own_edid(screen),
        };
        self.answer(asked.place, &asked.header, &response);
        self.take_notices();
    }

    /// A front end that is asked for too long is answered for.
    fn give_up_asking(&mut self) {
        let is_late = |asked: &Asked| Instant::now() >= asked.deadline;
        if self.asked.as_ref().is_some_and(is_late) {
            self.faults
                .host(&"the front end does not say what its screens are");
            self.answer_for_front_end();
        }
    }

    pub(crate) fn own_display_info(&self) -> Response {
        let infos = self.device.display_info();
        let screens = infos.map(|info| info.is_connected.then_some(info.rect));
        requests::display_info(&screens)
    }

    pub(crate) fn own_edid(&self, screen: usize) -> Response {
        let scanout = u32::try_from(screen).unwrap_or(u32::MAX);
        let edid = self.device.edid(scanout).ok().and_then(requests::edid);
        edid.unwrap_or(Response::Err(ErrorCode::InvalidScanoutId))
    }

    pub(crate) fn refuse(&mut self, refusal: &requests::Refusal) -> Response {
        match (refusal.is_bug(), refusal.is_guest_fault()) {
            (true, _) => self.faults.bug(refusal),
            (false, true) => self.faults.guest(refusal),
            (false, false) => self.faults.host(refusal),
        }
        Response::Err(refusal.code())
    }

    /// Sleeps until there is something to do.
    fn sleep(&mut self) {
        let kicks: Vec<Arc<OwnedFd>> = [Queue::Cursor, Queue::Control]
            .into_iter()
            .filter(|queue| self.is_open(*queue))
            .filter_map(|queue| self.shared.ring(queue).kick())
            .collect();
        let mailbox = self.shared.mailbox.as_fd();
        let mut fds: Vec<_> = [mailbox, self.receiver.as_fd()]
            .into_iter()
            .chain(kicks.iter().map(|kick| kick.as_fd()))
            .map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN))
            .collect();
        match poll(&mut fds, self.patience().as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => {
                tracing::error!("cannot wait: {error}");
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        let ready = fds.iter().skip(2).map(|fd| !fd.revents().is_empty());
        for (kick, is_ready) in kicks.iter().zip(ready) {
            if is_ready {
                // It is readable, and nobody else reads it.
                let _ = rustix::io::read(kick, &mut [0; 8]);
            }
        }
    }

    /// How long to sleep at most.
    fn patience(&self) -> Option<Timespec> {
        let deadline = self.asked.as_ref()?.deadline;
        let left = deadline.saturating_duration_since(Instant::now());
        // Rounded up, so that it is late when this is over.
        left.saturating_add(Duration::from_millis(1))
            .try_into()
            .ok()
    }
}

/// Of a front end that gives sizes and nothing else, in thousandths of a hertz.
const REFRESH: u32 = 60_000;

//! The places for connections, and who has to leave when they are all taken.

use super::{Limits, connection::Stage};
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{sync::Notify, task::AbortHandle};

/// How long to wait for a place before looking again who could leave.
const BACK_OFF: Duration = Duration::from_millis(50);
/// How long after the last trouble the next one is said again.
const QUIET: Duration = Duration::from_mins(1);

/// All connections that are open.
pub(super) struct Places {
    limits: Limits,
    book: Mutex<Book>,
    /// Rung when one ends.
    freed: Notify,
}

#[derive(Default)]
struct Book {
    next: u64,
    open: HashMap<u64, Open>,
    networks: HashMap<IpAddr, usize>,
    /// When there last was trouble of either kind.
    full_at: Option<Instant>,
    crowded_at: Option<Instant>,
}

struct Open {
    network: IpAddr,
    stage: Arc<Stage>,
    /// Known right after the task began.
    task: Option<AbortHandle>,
    /// It was told to end, and has not yet.
    is_leaving: bool,
}

impl Places {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            book: Mutex::default(),
            freed: Notify::new(),
        }
    }

    /// Whether as many connections are open as may be.
    pub(super) fn are_taken(&self) -> bool {
        self.book.lock().open.len() >= self.limits.connections
    }

    /// Ends the connection whose client has been waited for the longest, and waits for that, or for
    /// another to end. If each request is being worked on, it is the next client that waits.
    pub(super) async fn make_room(&self, why: &(dyn std::fmt::Display + Sync)) {
        let freed = self.freed.notified();
        {
            let mut book = self.book.lock();
            if is_new(&mut book.full_at) {
                tracing::error!(%why, "no room for a connection: those that wait for their clients are closed");
            }
            let spare = book
                .open
                .values_mut()
                .filter(|open| !open.is_leaving && open.stage.is_spare());
            if let Some(longest) = spare.min_by_key(|open| open.stage.since()) {
                longest.leave();
            }
        }
        let _ = tokio::time::timeout(BACK_OFF, freed).await;
    }

    /// A place for a connection from this address, unless it has all that are its due.
    pub(super) fn take(self: &Arc<Self>, from: IpAddr) -> Option<Place> {
        let from = from.to_canonical();
        let network = network_of(from);
        let is_proxy = self.limits.proxies.iter().any(|proxy| proxy.contains(&from));
        let stage = Arc::new(Stage::new());
        let mut book = self.book.lock();
        let count = book.networks.entry(network).or_default();
        if *count >= self.limits.per_address && !is_proxy {
            if is_new(&mut book.crowded_at) {
                tracing::warn!(%network, "an address has all connections that it may have; more are refused");
            }
            return None;
        }
        *count += 1;
        let id = book.next;
        book.next += 1;
        let open = Open {
            network,
            stage: stage.clone(),
            task: None,
            is_leaving: false,
        };
        book.open.insert(id, open);
        Some(Place {
            id,
            stage,
            places: self.clone(),
        })
    }

    /// Says which task leads the connection of this place, if it has not ended already.
    pub(super) fn led_by(&self, id: u64, task: AbortHandle) {
        if let Some(open) = self.book.lock().open.get_mut(&id) {
            open.task = Some(task);
        }
    }

    /// Ends the connections whose clients are past a deadline.
    pub(super) fn end_late(&self) {
        for open in self.book.lock().open.values_mut() {
            if open.stage.is_late(&self.limits) {
                open.leave();
            }
        }
    }

    /// Ends all connections.
    pub(super) fn end_all(&self) {
        self.book.lock().open.values_mut().for_each(Open::leave);
    }

    /// Resolves when no connection is open.
    pub(super) async fn emptied(&self) {
        loop {
            let freed = self.freed.notified();
            if self.book.lock().open.is_empty() {
                return;
            }
            freed.await;
        }
    }
}

impl Open {
    fn leave(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
            self.is_leaving = true;
        }
    }
}

/// Whether this is not the trouble of a moment ago still.
fn is_new(last: &mut Option<Instant>) -> bool {
    let before = last.replace(Instant::now());
    before.is_none_or(|before| before.elapsed() > QUIET)
}

/// A household has one address with IPv4 and 2^64 of them with IPv6.
fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => Ipv6Addr::from_bits(six.to_bits() & (u128::MAX << 64)).into(),
    }
}

/// The place of one connection, given back when it is dropped.
pub(super) struct Place {
    id: u64,
    stage: Arc<Stage>,
    places: Arc<Places>,
}

impl Place {
    pub(super) fn id(&self) -> u64 {
        self.id
    }

    pub(super) fn stage(&self) -> &Arc<Stage> {
        &self.stage
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut book = self.places.book.lock();
        if let Some(open) = book.open.remove(&self.id) {
            let count = book.networks.get_mut(&open.network);
            if count.is_some_and(|count| {
                *count -= 1;
                *count == 0
            }) {
                book.networks.remove(&open.network);
            }
        }
        drop(book);
        self.places.freed.notify_waiters();
    }
}

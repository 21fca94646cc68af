//! The threads that hash, and the queue before them.

use super::{
    Accepted,
    stored::{self, StoredHash},
};
use crate::kit::{
    error::{Code, Error, Result},
    secret::Pepper,
    text::GivenPassword,
};
use anyhow::Context;
use argon2::Block;
use crossbeam_channel::{Receiver, Sender};
use std::{iter, sync::Arc, time::Duration};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use zeroize::Zeroizing;

/// Hashes that may wait for a thread, for each thread: about a second of work.
const QUEUE_PER_THREAD: usize = 32;

/// For how long a thread without work keeps its memory: what comes at once finds it warm.
const IDLE: Duration = Duration::from_secs(2);

/// Blocks of 1 KiB that a thread asks for at once. What is never written takes no memory, and more
/// than 32 MiB at once glibc maps by itself and gives back whole; less it takes from a heap, which
/// grows with each time it was given back, as blocks are aligned.
const CAPACITY: usize = 33 * 1024;

/// Hashes and verifies passwords.
pub struct Hasher {
    places: Arc<Semaphore>,
    queue: Sender<Job>,
    /// Verified when there is no user, so that this costs the same.
    nobody: Arc<str>,
}

/// The result of comparing a password with a stored hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it is the password.
    pub right: bool,
    /// Whether the hash is not as it would be made today: of another system, of other parameters,
    /// or without the pepper of this server.
    pub outdated: bool,
}

/// A place in the queue, kept until it is used or dropped.
pub struct Slot {
    place: OwnedSemaphorePermit,
    queue: Sender<Job>,
    nobody: Arc<str>,
}

struct Job {
    /// Given back when a thread takes the job.
    place: OwnedSemaphorePermit,
    password: Zeroizing<String>,
    work: Work,
}

enum Work {
    Hash(oneshot::Sender<Result<String>>),
    Verify(Arc<str>, oneshot::Sender<Result<Verdict>>),
}

impl Hasher {
    /// A hasher with as many threads as the machine has cores.
    pub fn start(pepper: &Pepper) -> anyhow::Result<Self> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let (queue, jobs) = crossbeam_channel::unbounded();
        for number in 0..threads {
            let (jobs, pepper) = (jobs.clone(), pepper.clone());
            std::thread::Builder::new()
                .name(format!("password-{number}"))
                .spawn(move || work(&jobs, &pepper))
                .context("starting a hash thread")?;
        }
        Ok(Self {
            places: Arc::new(Semaphore::new(threads * QUEUE_PER_THREAD)),
            queue,
            nobody: stored::of_nobody(pepper).into(),
        })
    }

    /// Keeps a place in the queue, for work that must not begin if it cannot end.
    ///
    /// # Errors
    /// [`Code::Busy`] if too many wait already.
    pub fn reserve(&self) -> Result<Slot> {
        let place = self.places.clone().try_acquire_owned().map_err(|_| Error::Later {
            code: Code::Busy,
            retry_after: 2,
        })?;
        Ok(Slot {
            place,
            queue: self.queue.clone(),
            nobody: self.nobody.clone(),
        })
    }

    /// Hashes a new password. The answer is a PHC string.
    ///
    /// # Errors
    /// [`Code::Busy`] if too many wait already.
    pub async fn hash(&self, password: &Accepted) -> Result<String> {
        self.reserve()?.hash(password).await
    }

    /// Whether the password is the one of `hash`; with none, takes as long and says no.
    ///
    /// # Errors
    /// [`Code::Busy`] if too many wait already.
    pub async fn verify(&self, password: &GivenPassword, hash: Option<&str>) -> Result<Verdict> {
        self.reserve()?.verify(password, hash).await
    }

    /// Hashes a password anew that is somebody's already, whatever the policy says of it now.
    ///
    /// # Errors
    /// [`Code::Busy`] if too many wait already.
    pub async fn rehash(&self, password: &GivenPassword) -> Result<String> {
        self.reserve()?.rehash(password).await
    }
}

impl Slot {
    /// As [`Hasher::hash`], in this place of the queue.
    pub async fn hash(self, password: &Accepted) -> Result<String> {
        self.hash_text(password.expose()).await
    }

    /// As [`Hasher::rehash`], in this place of the queue.
    pub async fn rehash(self, password: &GivenPassword) -> Result<String> {
        self.hash_text(password.expose()).await
    }

    /// As [`Hasher::verify`], in this place of the queue.
    pub async fn verify(self, password: &GivenPassword, hash: Option<&str>) -> Result<Verdict> {
        let (reply, answer) = oneshot::channel();
        let against = hash.map_or_else(|| self.nobody.clone(), Arc::from);
        self.enqueue(password.expose(), Work::Verify(against, reply))?;
        let verdict = answer.await.context("a hash thread is gone")??;
        Ok(Verdict {
            right: verdict.right && hash.is_some(),
            ..verdict
        })
    }

    async fn hash_text(self, password: &str) -> Result<String> {
        let (reply, answer) = oneshot::channel();
        self.enqueue(password, Work::Hash(reply))?;
        answer.await.context("a hash thread is gone")?
    }

    fn enqueue(self, password: &str, work: Work) -> Result<()> {
        let job = Job {
            place: self.place,
            password: Zeroizing::new(password.to_owned()),
            work,
        };
        Ok(self.queue.send(job).ok().context("the hash threads are gone")?)
    }
}

fn work(jobs: &Receiver<Job>, pepper: &Pepper) {
    // A caller that waits for a hash waits long anyway; everything else comes first, a database on the
    // same machine too. Linux knows this of each thread, others only of the whole process.
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(10) {
        tracing::debug!(%error, "hash threads run like all others");
    }
    while let Ok(first) = jobs.recv() {
        let mut memory = Vec::with_capacity(CAPACITY);
        let more = iter::from_fn(|| jobs.recv_timeout(IDLE).ok());
        for Job { place, password, work } in iter::once(first).chain(more) {
            drop(place);
            // The caller may have gone; then nobody reads the answer.
            match work {
                Work::Hash(reply) => drop(reply.send(stored::make(&password, pepper, &mut memory))),
                Work::Verify(against, reply) => drop(reply.send(verify(&password, &against, pepper, &mut memory))),
            }
        }
    }
}

fn verify(password: &str, against: &str, pepper: &Pepper, memory: &mut Vec<Block>) -> Result<Verdict> {
    let stored: StoredHash = against
        .parse()
        .map_err(|why| anyhow::anyhow!("a stored password hash {why}"))?;
    Ok(Verdict {
        right: stored.is_of(password, pepper, memory)?,
        outdated: !stored.is_current(pepper),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        kit::secret::MasterKey,
        password::{Policy, Words},
    };
    use futures_util::{FutureExt, StreamExt};

    fn hasher() -> Hasher {
        Hasher::start(MasterKey::parse(&MasterKey::generate()).unwrap().pepper()).unwrap()
    }

    fn accepted(text: &str) -> Accepted {
        let new = text.parse().unwrap();
        Policy::default().accept(&new, &Words::default()).unwrap()
    }

    fn given(text: &str) -> GivenPassword {
        text.parse().unwrap()
    }

    const PASSWORD: &str = "correct horse battery staple";

    #[tokio::test]
    async fn a_password_is_verified_exactly_as_typed() {
        let hasher = hasher();
        let hash = hasher.hash(&accepted(PASSWORD)).await.unwrap();

        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1,keyid="), "{hash}");
        let verdict = hasher.verify(&given(PASSWORD), Some(&hash)).await.unwrap();
        assert_eq!((verdict.right, verdict.outdated), (true, false));
        for wrong in [
            "Correct horse battery staple",
            "correct horse battery staple ",
            "correct horse",
            "",
        ] {
            let verdict = hasher.verify(&given(wrong), Some(&hash)).await.unwrap();
            assert!(!verdict.right, "{wrong:?}");
        }
        let nobody = hasher.verify(&given(PASSWORD), None).await.unwrap();
        assert_eq!(
            (nobody.right, nobody.outdated),
            (false, false),
            "nobody's hash is one of today's"
        );
    }

    #[tokio::test]
    async fn without_the_master_key_a_hash_is_of_no_use() {
        let hash = hasher().hash(&accepted(PASSWORD)).await.unwrap();
        let elsewhere = hasher().verify(&given(PASSWORD), Some(&hash)).await.unwrap();
        assert!(!elsewhere.right && elsewhere.outdated);

        // Nor is it one if the mark of the key is taken off.
        let (before, rest) = hash.split_once(",keyid=").unwrap();
        let bare = format!("{before}{}", &rest[rest.find('$').unwrap()..]);
        assert!(!hasher().verify(&given(PASSWORD), Some(&bare)).await.unwrap().right);
    }

    #[tokio::test]
    async fn a_hash_that_asks_for_a_gigabyte_is_not_computed() {
        let hasher = hasher();
        let bomb = hasher.hash(&accepted(PASSWORD)).await.unwrap();
        let bomb = bomb.replace("m=19456", "m=1048576");
        assert!(hasher.verify(&given(PASSWORD), Some(&bomb)).await.is_err());
    }

    #[tokio::test]
    async fn more_hashes_than_the_queue_holds_are_refused_with_a_time_to_come_back() {
        let hasher = hasher();
        let password = given(PASSWORD);
        let offered = 4 * hasher.places.available_permits();
        let many = (0..offered).map(|_| hasher.rehash(&password));
        let answers: Vec<_> = futures_util::stream::iter(many.map(FutureExt::now_or_never))
            .collect()
            .await;
        let refused = answers
            .iter()
            .flatten()
            .filter(|answer| matches!(answer, Err(Error::Later { code: Code::Busy, retry_after }) if *retry_after > 0));
        assert!(refused.count() > offered / 2);
    }

    #[tokio::test]
    async fn a_reserved_place_is_kept_and_an_unused_one_given_back() {
        let hasher = hasher();
        let mut slots = vec![];
        while let Ok(slot) = hasher.reserve() {
            slots.push(slot);
        }
        assert!(
            hasher.verify(&given(PASSWORD), None).await.is_err(),
            "all places are taken"
        );
        let slot = slots.pop().unwrap();
        assert!(!slot.verify(&given(PASSWORD), None).await.unwrap().right);
        drop(slots);
        assert!(hasher.verify(&given(PASSWORD), None).await.is_ok());
    }
}

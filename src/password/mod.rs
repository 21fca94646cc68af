//! Passwords: argon2id on threads of their own, behind a queue of bounded length.
//!
//! A hash takes 19 MiB and tens of milliseconds on purpose. So it never runs on a thread that
//! answers requests, no more hashes run than there are threads, each thread uses one block of
//! memory again and again, and who would have to wait too long is told to come back.

use crate::kit::{
    error::{Code, Error, Result},
    secret,
};
use anyhow::Context;
use argon2::{Algorithm, Argon2, Block, Params, PasswordHash, Version};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use crossbeam_channel::{Receiver, Sender};
use subtle::ConstantTimeEq;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

/// Memory of one hash, in KiB (OWASP's argon2id setting: 19 MiB, 2 passes, 1 lane).
const MEMORY: u32 = 19_456;
/// Passes over the memory.
const PASSES: u32 = 2;
/// Hashes that may wait for a thread, for each thread: about a second of work.
const QUEUE_PER_THREAD: usize = 32;
/// A stored hash that would cost more is not computed: it did not come from us.
const MOST_MEMORY: u32 = 4 * MEMORY;

/// Hashes and verifies passwords.
pub struct Hasher {
    queue: Sender<Job>,
    /// Verified when there is no user, so that this costs the same.
    nobody: String,
}

struct Job {
    password: Zeroizing<String>,
    work: Work,
}

enum Work {
    Hash(oneshot::Sender<Result<String>>),
    Verify(String, oneshot::Sender<Result<bool>>),
}

impl Hasher {
    /// A hasher with as many threads as the machine has cores.
    ///
    /// # Errors
    /// The threads cannot be started.
    pub fn start() -> anyhow::Result<Self> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let (queue, jobs) = crossbeam_channel::bounded(threads * QUEUE_PER_THREAD);
        for number in 0..threads {
            let jobs = jobs.clone();
            std::thread::Builder::new()
                .name(format!("argon2-{number}"))
                .spawn(move || work(&jobs))
                .context("starting a hash thread")?;
        }
        let salt = secret::random::<16>();
        let output = secret::random::<32>();
        Ok(Self {
            queue,
            nobody: phc(&salt, &output),
        })
    }

    /// Hashes a new password. The answer is a PHC string.
    ///
    /// # Errors
    /// [`Code::Busy`] if too many wait already.
    pub async fn hash(&self, password: &str) -> Result<String> {
        let (reply, answer) = oneshot::channel();
        self.enqueue(password, Work::Hash(reply))?;
        answer.await.context("a hash thread is gone")?
    }

    /// Whether the password is the one of `hash`; with none, takes as long and says no.
    ///
    /// # Errors
    /// [`Code::Busy`] if too many wait already.
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool> {
        let (reply, answer) = oneshot::channel();
        let against = hash.unwrap_or(&self.nobody).to_owned();
        self.enqueue(password, Work::Verify(against, reply))?;
        let same = answer.await.context("a hash thread is gone")??;
        Ok(same && hash.is_some())
    }

    fn enqueue(&self, password: &str, work: Work) -> Result<()> {
        let password = Zeroizing::new(password.to_owned());
        self.queue.try_send(Job { password, work }).map_err(|_| Error::Later {
            code: Code::Busy,
            retry_after: 2,
        })
    }
}

fn work(jobs: &Receiver<Job>) {
    let mut memory = vec![];
    loop {
        let next = jobs.try_recv().or_else(|_| {
            // Nobody waits: the memory goes back until somebody does.
            memory = vec![];
            jobs.recv()
        });
        let Ok(job) = next else { return };
        // Who asked may have gone; then nobody reads the answer.
        match job.work {
            Work::Hash(reply) => drop(reply.send(hash(&job.password, &mut memory))),
            Work::Verify(against, reply) => drop(reply.send(verify(&job.password, &against, &mut memory))),
        }
    }
}

fn hash(password: &str, memory: &mut Vec<Block>) -> Result<String> {
    let salt = secret::random::<16>();
    let params = Params::new(MEMORY, PASSES, 1, None).map_err(|e| anyhow::anyhow!("argon2: {e}"))?;
    let mut output = [0; 32];
    compute(Algorithm::Argon2id, params, password, &salt, memory, &mut output)?;
    Ok(phc(&salt, &output))
}

fn phc(salt: &[u8], output: &[u8]) -> String {
    let encode = |bytes| STANDARD_NO_PAD.encode(bytes);
    format!(
        "$argon2id$v=19$m={MEMORY},t={PASSES},p=1${}${}",
        encode(salt),
        encode(output)
    )
}

fn verify(password: &str, against: &str, memory: &mut Vec<Block>) -> Result<bool> {
    let stored =
        PasswordHash::new(against).map_err(|e| anyhow::anyhow!("a stored password hash cannot be read: {e}"))?;
    let algorithm = Algorithm::try_from(stored.algorithm.as_str()).map_err(|e| anyhow::anyhow!("argon2: {e}"))?;
    let params =
        Params::try_from(&stored).map_err(|e| anyhow::anyhow!("a stored password hash cannot be read: {e}"))?;
    if params.m_cost() > MOST_MEMORY || params.t_cost() > 10 {
        return Err(anyhow::anyhow!("a stored password hash asks for more memory or time than is allowed").into());
    }
    let (Some(salt), Some(expected)) = (&stored.salt, &stored.hash) else {
        return Err(anyhow::anyhow!("a stored password hash has no salt or no hash").into());
    };
    let mut output = vec![0; expected.len()];
    compute(algorithm, params, password, salt.as_ref(), memory, &mut output)?;
    Ok(output.ct_eq(expected.as_bytes()).into())
}

fn compute(
    algorithm: Algorithm,
    params: Params,
    password: &str,
    salt: &[u8],
    memory: &mut Vec<Block>,
    output: &mut [u8],
) -> Result<()> {
    memory.resize(params.block_count(), Block::default());
    Argon2::new(algorithm, Version::V0x13, params)
        .hash_password_into_with_memory(password.as_bytes(), salt, output, &mut memory[..])
        .map_err(|error| anyhow::anyhow!("argon2: {error}"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_verified_exactly_as_typed() {
        let hasher = Hasher::start().unwrap();
        let hash = hasher.hash("correct horse battery staple").await.unwrap();

        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(
            hasher
                .verify("correct horse battery staple", Some(&hash))
                .await
                .unwrap()
        );
        for wrong in [
            "Correct horse battery staple",
            "correct horse battery staple ",
            "correct horse",
            "",
        ] {
            assert!(!hasher.verify(wrong, Some(&hash)).await.unwrap(), "{wrong:?}");
        }
        assert!(!hasher.verify("correct horse battery staple", None).await.unwrap());
    }

    #[tokio::test]
    async fn a_hash_that_asks_for_a_gigabyte_is_not_computed() {
        let hasher = Hasher::start().unwrap();
        let bomb = hasher.hash("x").await.unwrap().replace("m=19456", "m=1048576");
        assert!(hasher.verify("x", Some(&bomb)).await.is_err());
    }

    #[tokio::test]
    async fn more_hashes_than_the_queue_holds_are_refused_with_a_time_to_come_back() {
        let hasher = Hasher::start().unwrap();
        let many = (0..2_000).map(|_| hasher.hash("password"));
        let answers: Vec<_> = futures_util::stream::iter(many.map(futures_util::FutureExt::now_or_never))
            .collect::<Vec<_>>()
            .await;
        let refused = answers
            .iter()
            .flatten()
            .filter(|answer| matches!(answer, Err(Error::Later { code: Code::Busy, retry_after }) if *retry_after > 0));
        assert!(refused.count() > 1_000);
    }

    use futures_util::StreamExt;
}

//! A file on its way in.
//!
//! No transaction is open while bytes move.

use super::{
    super::content::{self, Reservation},
    source::Source,
};
use crate::{
    access::permission::AttachmentsFetch,
    attachment::{self, Attachment, AttachmentPolicy, NewAttachment},
    content::Content,
    context::Signed,
    kit::{
        blob::{Key, PART, Pieces},
        db::Tx,
        error::{Code, Error, FieldError, Result},
        form::{FileForm, FilePart, Part},
        id::AttachmentGroupId,
        picture::{self, MAX_SIDE},
        sniff,
        text::FileName,
    },
    server::Server,
    setting::{self, Setting},
};
use futures_util::future::BoxFuture;
use std::time::Duration;
use url::Url;

/// The largest picture that is drawn anew: it is in memory whole.
const LARGEST_PICTURE: u64 = 32 << 20;
/// How long another server may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// The policy as Halo calls it.
const DEFAULT_POLICY: &str = "default-policy";

/// A file that is somewhere else.
#[derive(Debug)]
pub struct Fetch {
    /// Where.
    pub url: String,
    /// What people call it; as there if absent.
    pub name: Option<FileName>,
    /// The group it is to be in.
    pub group: Option<AttachmentGroupId>,
}

/// What a form says besides its file.
#[derive(Default)]
struct Said {
    group: Option<AttachmentGroupId>,
    url: Option<String>,
    name: Option<FileName>,
}

/// A file that is on its way, and what is said of it.
struct Incoming {
    source: Source,
    name: FileName,
    declared: Option<String>,
    length: Option<u64>,
    host: Option<String>,
}

/// A file whose content is in the store.
struct Kept {
    reservation: Reservation,
    content: Content,
    name: FileName,
    host: Option<String>,
}

/// Who uploads where.
#[derive(Clone, Copy)]
struct To<'a> {
    caller: &'a Signed,
    server: &'a Server,
    policy: &'a AttachmentPolicy,
}

/// Whether a policy for files has this name.
///
/// # Errors
/// [`Code::PolicyNotFound`].
pub fn check_policy(name: &str) -> Result<()> {
    match name {
        AttachmentPolicy::NAME | DEFAULT_POLICY => Ok(()),
        _ => Err(Code::PolicyNotFound.into()),
    }
}

async fn check_group(caller: &Signed, id: AttachmentGroupId) -> Result<()> {
    let find = async |tx: &Tx| attachment::group(tx, id).await.map(drop);
    caller.read(find).await
}

/// What decides about a file, unless the request is for one that is there already.
async fn policy_of(caller: &Signed) -> Result<AttachmentPolicy> {
    if let Some(conditions) = &caller.peer.preconditions {
        conditions.check(None, None)?;
    }
    let read = async |tx: &Tx| setting::read::<AttachmentPolicy>(tx).await;
    Ok(caller.read(read).await?.0)
}

/// Keeps the file of a form, or the one that it says where to find.
///
/// # Errors
/// [`Code::PolicyNotFound`], [`Code::GroupNotFound`], [`Code::TooLarge`], [`Code::QuotaExceeded`],
/// [`Code::TypeRefused`], [`Code::FilesUnavailable`], [`Error::Invalid`], and those of [`fetch`].
pub fn upload<'a>(caller: &'a Signed, server: &'a Server, form: FileForm) -> BoxFuture<'a, Result<Attachment>> {
    Box::pin(upload_form(caller, server, form))
}

async fn upload_form(caller: &Signed, server: &Server, mut form: FileForm) -> Result<Attachment> {
    let policy = policy_of(caller).await?;
    let to = To {
        caller,
        server,
        policy: &policy,
    };
    if form.says_more_than(policy.max_file_bytes) {
        return Err(Code::TooLarge.into());
    }
    let (mut said, mut kept) = (Said::default(), None);
    let read = to.read_form(&mut form, &mut said, &mut kept).await;
    match (read, kept, said.url) {
        (Ok(()), Some(kept), _) => to.settle(kept, said.group).await,
        (Ok(()), None, Some(url)) => {
            caller.require::<AttachmentsFetch>()?;
            let (name, group) = (said.name, said.group);
            fetch(caller, server, Fetch { url, name, group }).await
        }
        (Ok(()), None, None) => Err(Error::field("file", "required", "is required")),
        (Err(error), kept, _) => {
            if let Some(kept) = kept {
                kept.reservation.give_back().await;
            }
            Err(error)
        }
    }
}

/// Keeps a file that is somewhere else.
///
/// # Errors
/// [`Code::SourceRefused`], [`Code::SourceFailed`], [`Code::TooManyAttempts`], and those of [`upload`].
pub fn fetch<'a>(caller: &'a Signed, server: &'a Server, from: Fetch) -> BoxFuture<'a, Result<Attachment>> {
    Box::pin(fetch_file(caller, server, from))
}

async fn fetch_file(caller: &Signed, server: &Server, from: Fetch) -> Result<Attachment> {
    let policy = policy_of(caller).await?;
    if let Some(group) = from.group {
        check_group(caller, group).await?;
    }
    server.outbound.check(&from.url).map_err(|_| Code::SourceRefused)?;
    let who = caller.me.who.uuid();
    caller
        .write_unaudited(async |tx| attachment::count_fetch(tx, who).await)
        .await?;
    // Why is for the log: whoever asks is told nothing of what is there.
    let begun = server.outbound.download(&from.url, PATIENCE).await.map_err(|failure| {
        tracing::info!(error = failure.error, "a file was not fetched");
        match failure.permanent {
            true => Code::SourceRefused,
            false => Code::SourceFailed,
        }
    })?;
    if begun.length().is_some_and(|length| length > policy.max_file_bytes) {
        return Err(Code::TooLarge.into());
    }
    let url = Url::parse(&from.url).map_err(|_| Code::SourceRefused)?;
    let incoming = Incoming {
        name: from.name.unwrap_or_else(|| name_in(&url)),
        declared: begun.content_type(),
        length: begun.length(),
        host: url.host_str().map(str::to_owned),
        source: Source::Elsewhere(begun, vec![]),
    };
    let to = To {
        caller,
        server,
        policy: &policy,
    };
    let kept = to.keep(incoming).await?;
    to.settle(kept, from.group).await
}

/// What a file is called where it is.
fn name_in(url: &Url) -> FileName {
    let last = url.path_segments().and_then(|mut parts| parts.next_back());
    let plain = percent_encoding::percent_decode_str(last.unwrap_or_default()).decode_utf8_lossy();
    FileName::of_elsewhere(&plain)
}

impl To<'_> {
    async fn read_form(self, form: &mut FileForm, said: &mut Said, kept: &mut Option<Kept>) -> Result<()> {
        let length = form.length;
        while let Some(part) = form.next().await? {
            match part {
                Part::Text(name, text) => self.hear(said, &name, text).await?,
                Part::File(_) if kept.is_some() => {
                    return Err(Error::field("file", "value", "may be sent only once"));
                }
                Part::File(part) => *kept = Some(self.keep(incoming(part, length)?).await?),
            }
        }
        Ok(())
    }

    /// What else a form says is checked as it comes: before the file, if it comes before it.
    async fn hear(self, said: &mut Said, name: &str, text: String) -> Result<()> {
        match (name, text.trim()) {
            (_, "") => {}
            ("policyName", policy) => check_policy(policy)?,
            ("groupName", group) => {
                let group = group.parse().map_err(|_| Code::GroupNotFound)?;
                check_group(self.caller, group).await?;
                said.group = Some(group);
            }
            ("url", _) => said.url = Some(text),
            ("filename", name) => said.name = Some(FileName::of_elsewhere(name)),
            _ => {}
        }
        Ok(())
    }

    /// Brings the content of a file into the store, into room that is reserved for it.
    async fn keep(self, mut incoming: Incoming) -> Result<Kept> {
        let most = self.policy.max_file_bytes;
        let bytes = incoming.length.map_or(most, |length| length.min(most));
        let limit = self.policy.max_total_bytes;
        let mut reservation = Reservation::new(self.caller, self.server, bytes, limit).await?;
        match self.take_in(&mut reservation, &mut incoming).await {
            Ok(content) => Ok(Kept {
                reservation,
                content,
                name: incoming.name,
                host: incoming.host,
            }),
            Err(error) => {
                reservation.give_back().await;
                Err(error)
            }
        }
    }

    async fn take_in(self, reservation: &mut Reservation, incoming: &mut Incoming) -> Result<Content> {
        let most = self.policy.max_file_bytes;
        incoming.source.admit(most);
        let first = incoming.source.read(PART).await?;
        if first.is_empty() {
            return Err(Error::field("file", "required", "must not be empty"));
        }
        if first.len() as u64 > most {
            return Err(Code::TooLarge.into());
        }
        let declared = incoming.declared.as_deref();
        let kind = sniff::media_type(&first, declared);
        let is_said = declared.is_none_or(|declared| !sniff::contradicts(declared, &kind));
        if !is_said || !self.policy.takes(&kind) {
            let fields = vec![FieldError::new("file", "value", format!("is {kind}"))];
            let code = Code::TypeRefused;
            return Err(Error::Explained { code, fields });
        }
        if self.policy.redraws(&kind) {
            let whole = read_on(&mut incoming.source, first, most).await?;
            return self.draw(reservation, whole).await;
        }
        if first.len() < PART {
            return reservation.put((&**self.caller, self.server), first, kind, None).await;
        }
        self.pour(reservation, &mut incoming.source, first, kind).await
    }

    async fn draw(self, reservation: &Reservation, whole: Vec<u8>) -> Result<Content> {
        let drawn = picture::in_turn(move || picture::redraw(&whole, MAX_SIDE)).await?;
        let drawn = drawn.map_err(|why| Error::field("file", "value", why))?;
        let pixels = (drawn.width, drawn.height);
        let to = (&**self.caller, self.server);
        reservation
            .put(to, drawn.bytes, drawn.kind.to_owned(), Some(pixels))
            .await
    }

    /// Keeps content that comes part by part.
    async fn pour(
        self,
        reservation: &mut Reservation,
        source: &mut Source,
        first: Vec<u8>,
        media_type: String,
    ) -> Result<Content> {
        let files = &self.server.files;
        let from = Key::of_upload(self.caller.tenant.id, reservation.id);
        reservation.has_written = true;
        let mut pieces = Pieces::of(files.write(&from).await?);
        let poured = self.parts(&mut pieces, source, first).await;
        if poured.is_err() {
            pieces.abort().await;
        }
        let (sha256, size) = poured?;
        reservation.announce(self.caller, &sha256).await?;
        let to = Key::of_content(self.caller.tenant.id, &sha256);
        files.copy_new(&from, &to).await?;
        content::look(self.server, &to, size).await?;
        files.delete(&from).await?;
        reservation.has_written = false;
        Ok(Content {
            sha256,
            size,
            media_type,
            pixels: None,
        })
    }

    /// Writes part by part, and answers the hash and the length of all.
    async fn parts(self, pieces: &mut Pieces, source: &mut Source, first: Vec<u8>) -> Result<(String, u64)> {
        let (mut size, mut part) = (0, first);
        loop {
            size += part.len() as u64;
            if size > self.policy.max_file_bytes {
                return Err(Code::TooLarge.into());
            }
            pieces.add(&part).await?;
            if part.len() < PART {
                return pieces.finish().await;
            }
            part = source.read(PART).await?;
        }
    }

    async fn settle(self, kept: Kept, group: Option<AttachmentGroupId>) -> Result<Attachment> {
        let new = NewAttachment {
            display_name: kept.name.to_string(),
            group,
            owner: self.caller.me.who.user(),
            source_host: kept.host,
        };
        let arrived = kept.reservation.arrived(self.server, kept.content);
        let shown = self.policy.default_visibility;
        let create = async |tx: &Tx| attachment::create(tx, arrived, new, shown).await;
        let made = self.caller.run(create).await;
        kept.reservation.end(made).await
    }
}

fn incoming(part: FilePart, length: Option<u64>) -> Result<Incoming> {
    if part.name.is_empty() {
        return Err(Error::field("file", "required", "must be a file that has a name"));
    }
    Ok(Incoming {
        name: FileName::of_elsewhere(&part.name),
        declared: part.content_type.clone(),
        length,
        host: None,
        source: Source::Form(part),
    })
}

/// The rest of a picture, behind its beginning.
async fn read_on(source: &mut Source, first: Vec<u8>, most: u64) -> Result<Vec<u8>> {
    let (mut whole, mut is_over) = (first, false);
    while !is_over {
        if whole.len() as u64 > most {
            return Err(Code::TooLarge.into());
        }
        if whole.len() as u64 > LARGEST_PICTURE {
            return Err(Error::field("file", "value", "is too large a picture to be drawn anew"));
        }
        let part = match whole.len().is_multiple_of(PART) {
            true => source.read(PART).await?,
            false => vec![],
        };
        is_over = part.is_empty();
        whole.extend(part);
    }
    Ok(whole)
}

//! Who is to sign in, and who is asked what, before an application gets its code.

use super::{
    answer::{Fault, go},
    request::Asked,
};
use crate::{
    account::{self, Ask, Did, Seen},
    authorization::{self, NewCode},
    context::RequestContext,
    kit::{db::Tx, id::UserId},
    oidc::Word,
    session::{self, Session},
};
use chrono::TimeDelta;
use poem::{Request, Response};

/// Somebody who is signed in in this browser.
struct Present {
    user: UserId,
    root: Session,
    /// What they let the application do already.
    is_consented: bool,
}

/// An authorization request on its way.
pub(super) struct Way<'a> {
    pub(super) context: &'a RequestContext,
    pub(super) request: &'a Request,
    pub(super) asked: &'a Asked,
}

impl Way<'_> {
    fn told<T>(&self, word: Word, why: &'static str) -> Result<T, Fault> {
        Err(Fault::Told(Box::new(self.asked.back.clone()), word, why.into()))
    }

    fn query(&self) -> &str {
        self.request.uri().query().unwrap_or_default()
    }

    /// The page below `/login` that somebody is sent to, and from which they come back to this request.
    fn away(
        &self,
        page: &str,
        more: &[(&str, &str)],
        (session, is_fresh): (Option<&Session>, bool),
    ) -> Result<Response, Fault> {
        let prefix = self.context.tenant.path();
        let own = format!("{prefix}/oauth2/authorize?{}", self.query());
        let session = session.map(|root| root.id);
        let back = Seen::mark(self.context, &own, Did::Sent, (session, session.filter(|_| is_fresh)));
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        pairs.append_pair("return_to", &back);
        pairs.append_pair("client_id", self.asked.application.client_id());
        if let Some(locales) = &self.asked.ui_locales {
            pairs.append_pair("ui_locales", locales);
        }
        pairs.extend_pairs(more);
        Ok(go(&format!("{prefix}/login{page}?{}", pairs.finish()))?)
    }

    /// The answer: a code, an error, or a page that somebody has to see first.
    pub(super) async fn decide(&self) -> Result<Response, Fault> {
        let seen = Seen::of(self.context, self.query());
        let Some(present) = self.present().await? else {
            return self.to_sign_in(seen.as_ref());
        };
        // They signed in because this request sent them to do so.
        let root = &present.root;
        let is_new = |seen: &Seen| seen.at < root.created_at || seen.fresh == Some(root.id);
        let is_fresh = seen.as_ref().is_some_and(is_new);
        if let Some(sent) = self.not_yet_them(&present, seen.as_ref(), is_fresh)? {
            return Ok(sent);
        }
        let (asked, prompt) = (self.asked, self.asked.prompt);
        let who = self.context.who.as_ref();
        if who.is_some_and(|who| who.must_change_password) {
            return match prompt.none {
                true => self.told(
                    Word::InteractionRequired,
                    "the user has to choose another password first",
                ),
                false => self.away("/password", &[], (Some(root), is_fresh)),
            };
        }
        let roles = who.map(|who| &who.roles[..]).unwrap_or_default();
        let here = seen.filter(|seen| seen.session == Some(root.id)).map(|seen| seen.did);
        if !account::may_enter(&self.context.policy, &asked.application, roles) {
            return match prompt.none || here == Some(Did::Refused) {
                true => self.told(Word::AccessDenied, "the user may not sign in to this application"),
                false => self.away("/no-access", &[], (Some(root), is_fresh)),
            };
        }
        match here {
            Some(Did::Refused) => return self.told(Word::AccessDenied, "the user said no"),
            Some(Did::Consented) if present.is_consented => {}
            _ if !present.is_consented || prompt.consent => return self.to_consent(&present, is_fresh),
            _ => {}
        }
        self.issue(&present).await
    }

    fn to_sign_in(&self, seen: Option<&Seen>) -> Result<Response, Fault> {
        let prompt = self.asked.prompt;
        if prompt.none {
            return self.told(Word::LoginRequired, "nobody is signed in");
        }
        let page = match seen {
            None if prompt.create => "/sign-up",
            _ => &*self.way_in(seen),
        };
        self.away(page, &self.hint(), (None, false))
    }

    /// The page to sign in, or the way to the provider that the request names. Whoever came back from there and is not
    /// signed in has to find the way themselves.
    fn way_in(&self, seen: Option<&Seen>) -> String {
        let named = self.asked.provider.as_ref().filter(|_| seen.is_none());
        named.map(|name| format!("/with/{name}")).unwrap_or_default()
    }

    /// What fills in the field for a name.
    fn hint(&self) -> Vec<(&'static str, &str)> {
        let hint = self.asked.login_hint.as_deref();
        hint.into_iter().map(|hint| ("login_hint", hint)).collect()
    }

    /// Whoever is signed in in this browser, and nobody who shows anything but its cookie.
    async fn present(&self) -> Result<Option<Present>, Fault> {
        let who = self.context.who.as_ref();
        let found = who.and_then(|who| Some((who.who.user()?, who.session?)));
        let Some((user, session)) = found else { return Ok(None) };
        let application = &self.asked.application;
        let needed = account::needed(&self.asked.reach);
        let read = async |tx: &Tx| {
            let root = session::find_living(tx, session).await?;
            let is_consented = application.spec.first_party
                || needed.is_subset(&authorization::granted(tx, user, application.id()).await?);
            Ok(root.map(|root| Present {
                user,
                root,
                is_consented,
            }))
        };
        Ok(self.context.read(read).await?)
    }

    /// Whether somebody has to sign in again, or as somebody else.
    fn not_yet_them(&self, present: &Present, seen: Option<&Seen>, is_new: bool) -> Result<Option<Response>, Fault> {
        let (asked, prompt) = (self.asked, self.asked.prompt);
        let root = &present.root;
        let now = self.context.services.clock.now();
        let is_known = seen.is_some_and(|seen| seen.session == Some(root.id));
        let is_old = asked
            .max_age
            .is_some_and(|most| now - root.created_at > TimeDelta::seconds(most));
        let subject = account::subject(self.context, &asked.application, present.user);
        let is_other = asked.subject.as_ref().is_some_and(|wanted| *wanted != subject);
        if is_other && (prompt.none || is_new) {
            return self.told(Word::LoginRequired, "somebody else is signed in");
        }
        let must_sign_in = is_other || ((prompt.login || is_old) && !is_new);
        let must_choose = prompt.select_account && !is_new && !is_known;
        if prompt.none && must_sign_in {
            return self.told(Word::LoginRequired, "the user has to sign in again");
        }
        if must_sign_in {
            let more = [&self.hint()[..], &[("again", "1")]].concat();
            return self.away(&self.way_in(seen), &more, (Some(root), false)).map(Some);
        }
        if prompt.none && must_choose {
            return self.told(Word::AccountSelectionRequired, "the user has to choose an account");
        }
        match must_choose {
            true => self.away("", &[], (Some(root), is_new)).map(Some),
            false => Ok(None),
        }
    }

    fn to_consent(&self, present: &Present, is_fresh: bool) -> Result<Response, Fault> {
        if self.asked.prompt.none {
            return self.told(
                Word::ConsentRequired,
                "the user has to let the application do this first",
            );
        }
        let scopes = account::needed(&self.asked.reach);
        let client_id = self.asked.application.client_id();
        let ask = Ask::seal(self.context, client_id, present.root.id, scopes);
        self.away("/consent", &[("ask", &ask)], (Some(&present.root), is_fresh))
    }

    async fn issue(&self, present: &Present) -> Result<Response, Fault> {
        let asked = self.asked;
        let new = || NewCode {
            application: (asked.application.id(), asked.application.client_id()),
            user: (present.user, present.root.id),
            redirect_uri: &asked.back.redirect_uri,
            challenge: asked.challenge.as_deref(),
            nonce: asked.nonce.as_deref(),
            scope: asked.reach.scopes.join(" "),
            resource: asked.resource.clone(),
            claims: asked.claims.as_deref(),
            authenticated_at: present.root.created_at,
        };
        let code = self
            .context
            .run(async |tx| authorization::issue(tx, new()).await)
            .await?;
        Ok(asked.back.answer(self.context, self.request, &[("code", &code)])?)
    }
}

//! What a token reaches: which scopes, at whom (RFC 6749 §3.3, RFC 8707).

use super::Terms;
use crate::{
    application::{Application, scope},
    key::Algorithm,
};
use std::borrow::Cow;

/// What an application asks for.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// `scope`.
    pub scope: Option<&'a str>,
    /// Each `resource`.
    pub resources: &'a [&'a str],
}

/// For whom it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// For itself.
    Itself,
    /// For a person who signs in to it.
    Person,
}

impl Asker {
    /// The scopes of `OpenID` Connect that mean something for them.
    fn standard(self) -> &'static [&'static str] {
        match self {
            Self::Itself => &["roles"],
            Self::Person => scope::STANDARD,
        }
    }
}

/// What a token is for, and what it is made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The scopes that were granted.
    pub scopes: Vec<String>,
    /// Who takes it: one at least.
    pub audiences: Vec<String>,
    /// What signs it.
    pub algorithm: Algorithm,
    /// Seconds for which it is valid.
    pub seconds: u32,
}

/// Why nothing can be granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreachable {
    /// Because of the scopes.
    Scope(Cow<'static, str>),
    /// Because of the resources.
    Target(Cow<'static, str>),
}

/// Somebody who takes tokens, with the scopes that the application may have there.
struct Target<'a> {
    audience: &'a str,
    scopes: Vec<&'a str>,
    /// Of an API: what signs its tokens, and for how long they are valid.
    api: Option<(Algorithm, Option<u32>)>,
}

impl Target<'_> {
    fn has(&self, scope: &str) -> bool {
        let names = || self.scopes.iter().copied();
        match self.api {
            Some(_) => names().any(|known| known == scope),
            // Whoever may have more may have less.
            None => {
                names().any(|known| {
                    known == scope
                        || (known == scope::API && scope::is_of_api(scope))
                        || known
                            .strip_suffix('*')
                            .is_some_and(|resource| resource.ends_with(':') && scope.starts_with(resource))
                }) && scope::is_of_api(scope)
            }
        }
    }
}

/// Whom the application may reach: our own API, and others.
fn targets<'a>(application: &'a Application, asker: Asker, (issuer, terms): (&'a str, &'a Terms)) -> Vec<Target<'a>> {
    let spec = &application.spec;
    let own = spec.scopes.iter().map(String::as_str);
    let mut own: Vec<_> = own.filter(|name| scope::is_of_api(name)).collect();
    // What it may do for itself is what its roles permit. Scopes only narrow that.
    if asker == Asker::Itself && own.is_empty() && !spec.roles.is_empty() {
        own.push(scope::API);
    }
    let ours = (!own.is_empty()).then_some(Target {
        audience: issuer,
        scopes: own,
        api: None,
    });
    let others = spec.audiences.iter().filter_map(|wanted| {
        let mut known = terms.apis.iter().map(|known| &known.api.spec);
        let api = known.find(|api| api.audience == wanted.audience)?;
        Some(Target {
            audience: &wanted.audience,
            scopes: wanted.scopes.iter().map(String::as_str).collect(),
            api: Some((api.access_token_alg, api.access_token_seconds)),
        })
    });
    ours.into_iter().chain(others).collect()
}

/// Where claims about the user are, which every tenant has.
#[must_use]
pub fn userinfo(issuer: &str) -> String {
    format!("{issuer}/oauth2/userinfo")
}

impl Reach {
    /// What the application gets who asks for this. What it may not have is left out.
    ///
    /// # Errors
    /// Nothing is left of what it asked for, or it named nobody whom it may reach.
    pub fn of(
        application: &Application,
        asker: Asker,
        (issuer, terms): (&str, &Terms),
        wanted: Wanted<'_>,
    ) -> Result<Self, Unreachable> {
        let targets = targets(application, asker, (issuer, terms));
        let named = name(&targets, wanted.resources)?;
        let within: Vec<&Target<'_>> = match &named[..] {
            [] => targets.iter().collect(),
            named => named.to_vec(),
        };
        let has_standard = |name: &str| {
            let is_meant = asker.standard().contains(&name);
            is_meant && application.spec.scopes.iter().any(|scope| scope == name)
        };
        let Some(scope) = wanted.scope else {
            if asker == Asker::Person && named.is_empty() {
                return Err(Unreachable::Scope("scope is missing".into()));
            }
            let chosen = choose(&within, !named.is_empty())?;
            let standard = asker.standard().iter().copied();
            let standard = standard.filter(|name| asker == Asker::Itself && has_standard(name));
            let scopes = standard.chain(chosen.iter().flat_map(|target| target.scopes.iter().copied()));
            let scopes = distinct(scopes);
            return Self::made(application, (issuer, terms), &chosen, scopes);
        };
        let asked = distinct(scope.split(' ').filter(|name| !name.is_empty()));
        if let Some(why) = asked.iter().find_map(|name| scope::problem(name)) {
            return Err(Unreachable::Scope(format!("each scope {why}").into()));
        }
        let granted = |name: &String| has_standard(name) || within.iter().any(|target| target.has(name));
        let scopes: Vec<String> = asked.into_iter().filter(granted).collect();
        if scopes.is_empty() {
            let why = "the application may have none of these scopes at these resources";
            return Err(Unreachable::Scope(why.into()));
        }
        let owns = |target: &&&Target<'_>| scopes.iter().any(|name| target.has(name));
        let owning: Vec<&Target<'_>> = within.iter().filter(owns).copied().collect();
        let named_nobody = named.is_empty();
        let chosen = match (&named[..], &owning[..]) {
            ([], []) if asker == Asker::Itself => choose(&within, false)?,
            ([], []) => vec![],
            ([], _) => owning,
            _ => named,
        };
        let is_openid = named_nobody && scopes.iter().any(|name| name == "openid");
        let mut made = Self::made(application, (issuer, terms), &chosen, scopes)?;
        let userinfo = userinfo(issuer);
        if is_openid && !made.audiences.contains(&userinfo) {
            made.audiences.push(userinfo);
        }
        Ok(made)
    }

    fn made(
        application: &Application,
        (issuer, terms): (&str, &Terms),
        targets: &[&Target<'_>],
        scopes: Vec<String>,
    ) -> Result<Self, Unreachable> {
        let spec = &application.spec;
        // We ourselves verify by any key.
        let mut algorithms = targets.iter().filter_map(|target| Some(target.api?.0));
        let algorithm = algorithms.next().unwrap_or(spec.access_token_alg);
        if algorithms.any(|other| other != algorithm) {
            let why = "these resources take tokens of different algorithms: ask for one at a time";
            return Err(Unreachable::Target(why.into()));
        }
        let default = spec.access_token_seconds.unwrap_or(terms.sessions.access_token_seconds);
        let seconds = targets.iter().map(|target| target.api.and_then(|api| api.1));
        let seconds = seconds.map(|seconds| seconds.unwrap_or(default)).min();
        let mut audiences: Vec<String> = targets.iter().map(|target| target.audience.to_owned()).collect();
        if audiences.is_empty() {
            audiences.push(userinfo(issuer));
        }
        Ok(Self {
            scopes,
            audiences,
            algorithm,
            seconds: seconds.unwrap_or(default),
        })
    }
}

/// Those that are named.
fn name<'a, 't>(targets: &'a [Target<'t>], resources: &[&str]) -> Result<Vec<&'a Target<'t>>, Unreachable> {
    let mut named: Vec<&Target<'_>> = vec![];
    for resource in resources {
        let found = targets.iter().find(|target| target.audience == *resource);
        let Some(found) = found else {
            let why = "resource must be the audience of an API that the application may ask for";
            return Err(Unreachable::Target(why.into()));
        };
        if !named.iter().any(|known| known.audience == found.audience) {
            named.push(found);
        }
    }
    Ok(named)
}

/// Those that are meant where no scope says it.
fn choose<'a, 't>(within: &[&'a Target<'t>], are_named: bool) -> Result<Vec<&'a Target<'t>>, Unreachable> {
    match within.len() {
        0 | 1 => Ok(within.to_vec()),
        _ if are_named => Ok(within.to_vec()),
        _ => {
            let why = "the application may reach several APIs: say which, by resource or by scope";
            Err(Unreachable::Target(why.into()))
        }
    }
}

/// Each once, in their order.
fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut all: Vec<String> = vec![];
    for name in names {
        if !all.iter().any(|known| known == name) {
            all.push(name.to_owned());
        }
    }
    all
}

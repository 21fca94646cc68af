//! The crate `openidconnect` signs people in, against a server that has just started.

mod person;

use openidconnect::{
    AccessTokenHash, AdditionalProviderMetadata, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndSessionUrl,
    HttpRequest, HttpResponse, IntrospectionUrl, IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PostLogoutRedirectUrl, ProviderMetadata, RedirectUrl, Scope, TokenIntrospectionResponse,
    TokenResponse,
    core::{
        CoreAuthDisplay, CoreAuthenticationFlow, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod,
        CoreGrantType, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
        CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType, CoreUserInfoClaims,
    },
    http,
};
use person::{Known, Person};
use reqwest::{Client, Url, redirect::Policy};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, env, error::Error, fs};

const CALLBACK: &str = "http://127.0.0.1/callback";
const BYE: &str = "http://127.0.0.1/bye";

/// What is not in the metadata of OpenID Connect itself.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Endpoints {
    introspection_endpoint: IntrospectionUrl,
    end_session_endpoint: EndSessionUrl,
}

impl AdditionalProviderMetadata for Endpoints {}

type Metadata = ProviderMetadata<
    Endpoints,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

#[derive(Deserialize)]
struct Tenant {
    issuer: String,
    person: Known,
    applications: BTreeMap<String, Application>,
}

#[derive(Deserialize)]
struct Application {
    client_id: String,
    client_secret: Option<String>,
}

/// Sends what the library has to say.
async fn send(http: Client, request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let answer = http.execute(request.try_into()?).await?;
    let mut response = http::Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        response = response.header(name, value);
    }
    let body = answer.bytes().await?.to_vec();
    Ok(response.body(body).expect("an answer is one"))
}

async fn sign_in(tenant: &Tenant, name: &str, alg: CoreJwsSigningAlgorithm) -> Result<(), Box<dyn Error>> {
    let http = Client::builder().redirect(Policy::none()).build()?;
    let by = |request| send(http.clone(), request);
    let metadata = Metadata::discover_async(IssuerUrl::new(tenant.issuer.clone())?, &by).await?;
    let endpoints = metadata.additional_metadata().clone();
    let Application {
        client_id,
        client_secret,
    } = &tenant.applications[name];
    let secret = client_secret.clone().map(ClientSecret::new);
    let client = CoreClient::from_provider_metadata(metadata, ClientId::new(client_id.clone()), secret)
        .set_redirect_uri(RedirectUrl::new(CALLBACK.to_owned())?)
        .set_introspection_url(endpoints.introspection_endpoint);

    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let flow = CoreAuthenticationFlow::AuthorizationCode;
    let (address, state, nonce) = client
        .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
        .add_scope(Scope::new("profile".to_owned()))
        .add_scope(Scope::new("email".to_owned()))
        .set_pkce_challenge(challenge)
        .url();
    let mut person = Person::new(&http, &tenant.person);
    let back = person.go(address, CALLBACK).await?;
    let answer: BTreeMap<_, _> = back.query_pairs().into_owned().collect();
    assert_eq!((&answer["state"], &answer["iss"]), (state.secret(), &tenant.issuer));

    let tokens = client
        .exchange_code(AuthorizationCode::new(answer["code"].clone()))?
        .set_pkce_verifier(verifier)
        .request_async(&by)
        .await?;
    let id_token = tokens.id_token().expect("an ID token");
    let verifier = client.id_token_verifier();
    let claims = id_token.claims(&verifier, &nonce)?;
    assert_eq!(id_token.signing_alg()?, &alg);
    let hash = AccessTokenHash::from_token(
        tokens.access_token(),
        id_token.signing_alg()?,
        id_token.signing_key(&verifier)?,
    )?;
    assert_eq!(Some(&hash), claims.access_token_hash(), "it is of this access token");

    let known: CoreUserInfoClaims = client
        .user_info(tokens.access_token().clone(), Some(claims.subject().clone()))?
        .request_async(&by)
        .await?;
    assert_eq!(known.email().map(|email| email.as_str()), Some(&*tenant.person.email));

    let refresh = tokens.refresh_token().expect("a refresh token");
    let renewed = client.exchange_refresh_token(refresh)?.request_async(&by).await?;
    // It revokes at https alone, so that signing out is what ends tokens here.
    let told = async || client.introspect(renewed.access_token()).request_async(&by).await;
    if client_secret.is_some() {
        let answer = told().await?;
        assert!(answer.active());
        assert_eq!(answer.sub(), Some(&***claims.subject()));
    }

    let leave = LogoutRequest::from(endpoints.end_session_endpoint)
        .set_id_token_hint(id_token)
        .set_post_logout_redirect_uri(PostLogoutRedirectUrl::new(BYE.to_owned())?)
        .set_state(state.clone());
    let left: Url = person.go(leave.http_get_url(), BYE).await?;
    assert_eq!(left.query_pairs().next(), Some(("state".into(), state.secret().into())));
    let refresh = renewed.refresh_token().unwrap_or(refresh);
    let ended = client.exchange_refresh_token(refresh)?.request_async(&by).await;
    assert!(ended.is_err(), "signing out ends it");
    if client_secret.is_some() {
        assert!(!told().await?.active());
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let tenants: Vec<Tenant> = serde_json::from_str(&fs::read_to_string(env::var("OIDC_TENANTS")?)?)?;
    for tenant in &tenants {
        sign_in(tenant, "web", CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256).await?;
        sign_in(tenant, "es256", CoreJwsSigningAlgorithm::EcdsaP256Sha256).await?;
        sign_in(tenant, "eddsa", CoreJwsSigningAlgorithm::EdDsa).await?;
        sign_in(tenant, "native", CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256).await?;
    }
    Ok(())
}

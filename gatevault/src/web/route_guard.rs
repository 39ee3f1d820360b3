//! A guard for a group of routes, behind the layer, middleware or filter of each framework.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::challenge::with_scopes;
use super::{Denials, HttpResponse, Pages};
use crate::claims::{Claims, Payload, ScopeClaims, Verified, is_scope};
use crate::error::{ConfigError, GuardError};
use crate::event::{CallerClaims, Function};
use crate::guard::{AsGate, GateRef, Guard, Requirement, TokenSource, has_scopes, opened, unmet};
use crate::token::{TokenManager, TokenText};

/// A guard for a group of routes. It verifies the token before a request body is read.
///
/// Each framework applies it in its own form, such as a layer, a middleware or a filter; the [table](crate::web#frameworks)
/// names them. Handlers read the [`Verified`] claims from the request's extensions, or take them as an extractor.
///
/// A CORS preflight request carries no token: put the layer that answers those outside of this guard.
///
/// # Examples
///
/// ```
/// use gatevault::{Claims, TokenManager, web::RouteGuard};
///
/// #[derive(Debug, Clone, Claims)]
/// struct Staff { user_id: u64, org_id: u64 }
///
/// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
/// let staff_only = RouteGuard::<Staff>::with(tokens.clone()).require("works for us", |caller| caller.org_id == 7);
///
/// let access = tokens.create_access_token(&Staff { user_id: 42, org_id: 8 })?;
/// assert_eq!(staff_only.authorize(&access).unwrap_err().status(), 403);
/// # Ok::<(), gatevault::Error>(())
/// ```
pub struct RouteGuard<C = Payload> {
    /// `None`: the gate of the request, or else the installed gate.
    gate: Option<Arc<dyn AsGate + Send + Sync>>,
    requirements: Vec<(Requirement, Arc<Condition<C>>)>,
    /// `None`: the token is in the header `Authorization`.
    pages: Option<Pages>,
    denials: Option<Denials>,
    claims: PhantomData<fn() -> C>,
}

type Condition<C> = dyn Fn(&Verified<C>) -> bool + Send + Sync;

impl<C: Claims> RouteGuard<C> {
    /// Creates a guard that asks the gate that the application has put into the request, or else the installed one.
    #[must_use]
    pub fn installed() -> Self {
        Self { gate: None, requirements: Vec::new(), pages: None, denials: None, claims: PhantomData }
    }

    /// Creates a guard that asks `gate`, such as a [`GateVault`](crate::GateVault) or a
    /// [`TokenManager`](crate::TokenManager).
    #[must_use]
    pub fn with(gate: impl AsGate + Send + Sync + 'static) -> Self {
        Self { gate: Some(Arc::new(gate)), ..Self::installed() }
    }

    /// Requires a condition of every caller, besides those set before. `description` names it in the log.
    #[must_use]
    pub fn require(
        self,
        description: &'static str,
        condition: impl Fn(&Verified<C>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.requiring(Requirement::Words(description), Arc::new(condition))
    }

    /// Requires all of these scopes, which the challenges name: that of a token without them, and those of a request without a
    /// valid token, so that a client can ask for all that it needs at once.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoScope`] for an empty list, which would accept every token, and [`ConfigError::InvalidScope`] for a
    /// scope that a challenge or a token cannot contain (RFC 6749 section 3.3).
    pub fn scopes(self, scopes: &'static [&'static str]) -> Result<Self, ConfigError>
    where
        C: ScopeClaims,
    {
        if scopes.is_empty() {
            return Err(ConfigError::NoScope);
        }
        if let Some(found) = scopes.iter().find(|scope| !is_scope(scope)) {
            return Err(ConfigError::InvalidScope { found: (*found).to_owned() });
        }
        let requirement = Requirement::Scopes { words: "scopes of the routes", scopes };
        Ok(self.requiring(requirement, Arc::new(move |caller: &Verified<C>| has_scopes(&**caller, scopes))))
    }

    /// Sets what the responses to denials of this guard say.
    #[must_use]
    pub fn denials(self, denials: Denials) -> Self {
        Self { denials: Some(denials), ..self }
    }

    /// Verifies the token of a request, and that its claims meet every requirement. Returns the claims.
    ///
    /// # Errors
    ///
    /// The denial, already logged. [`GuardError::Config`] from a guard [for pages](Self::for_pages), which needs the whole
    /// request: [`admit`](Self::admit) it.
    pub fn authorize(&self, source: &(impl TokenSource + ?Sized)) -> Result<Verified<C>, GuardError> {
        if self.pages.is_some() {
            tracing::error!(target: "gatevault", "RouteGuard::for_pages where no cookie is read");
            let instead =
                "a guard of pages reads a cookie and the sender of the request: call `RouteGuard::admit`";
            return Err(GuardError::Config(ConfigError::NotForPages {
                setting: "RouteGuard::authorize",
                instead,
            }));
        }
        self.check(source.token(), source.gate())
    }

    /// Returns the response to a denial of [`authorize`](Self::authorize), for a server of your own: a challenge has the scopes that
    /// the guard demands, and the [`Denials`] of the guard are applied. [`admit`](Self::admit) returns it.
    #[must_use]
    pub fn denial_response(&self, denial: &GuardError) -> HttpResponse {
        let scopes = self.demanded_scopes();
        let mut response = HttpResponse::from(denial);
        response.edit_challenge(|challenge| with_scopes(challenge, &scopes));
        match &self.denials {
            Some(denials) => denials.apply(response),
            None => response,
        }
    }

    /// Verifies a token, and that its claims meet every requirement.
    pub(super) fn check(
        &self,
        token: Option<Cow<'_, str>>,
        of_request: Option<GateRef<'_>>,
    ) -> Result<Verified<C>, GuardError> {
        let (mut text, mut caller) = (TokenText::new(), CallerClaims::unknown());
        let verified: Verified<C> =
            self.guard(of_request).verify(token, &mut text, &mut caller, |verified| verified)?;
        if let Some((requirement, _)) = self.requirements.iter().find(|(_, condition)| !condition(&verified))
        {
            return Err(unmet(NAME, *requirement, caller));
        }
        opened(NAME, caller);
        Ok(verified)
    }

    pub(super) fn with_pages(self, pages: Pages) -> Self {
        Self { pages: Some(pages), ..self }
    }

    /// Returns the scopes that the guard demands, each once.
    fn demanded_scopes(&self) -> Vec<&'static str> {
        let mut demanded = Vec::new();
        for (requirement, _) in &self.requirements {
            let Requirement::Scopes { scopes, .. } = requirement else { continue };
            for scope in *scopes {
                if !demanded.contains(scope) {
                    demanded.push(*scope);
                }
            }
        }
        demanded
    }

    pub(super) fn pages(&self) -> Option<&Pages> {
        self.pages.as_ref()
    }

    /// Returns the manager of the gate.
    pub(super) fn tokens(&self, of_request: Option<GateRef<'_>>) -> Option<TokenManager> {
        self.guard(of_request).tokens().cloned()
    }

    /// Returns a check by the gate of this guard, or else by that of the request.
    fn guard<'g>(&'g self, of_request: Option<GateRef<'g>>) -> Guard<'g> {
        match &self.gate {
            Some(gate) => Guard::with(NAME, &**gate),
            None => Guard::of_source(NAME, of_request),
        }
    }

    fn requiring(mut self, requirement: Requirement, condition: Arc<Condition<C>>) -> Self {
        self.requirements.push((requirement, condition));
        self
    }
}

impl<C> Clone for RouteGuard<C> {
    fn clone(&self) -> Self {
        let Self { gate, requirements, pages, denials, claims } = self;
        Self {
            gate: gate.clone(),
            requirements: requirements.clone(),
            pages: pages.clone(),
            denials: denials.clone(),
            claims: *claims,
        }
    }
}

impl<C> fmt::Debug for RouteGuard<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let requirements: Vec<_> = self.requirements.iter().map(|(requirement, _)| requirement).collect();
        f.debug_struct("RouteGuard")
            .field("requirements", &requirements)
            .field("pages", &self.pages)
            .finish_non_exhaustive()
    }
}

/// The name in log events.
const NAME: &Function = &Function::library("RouteGuard");

//! A guard in front of many routes: what the layer, middleware or fairing of each framework asks.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::claims::{Claims, Payload, ScopeClaims, Verified};
use crate::error::GuardError;
use crate::guard::{AsGate, Guard, Requirement, TokenSource, has_scopes, unmet};

/// Guards every route under it, before anything of a request's body is read; a layer, a middleware or a fairing, as the
/// framework calls it. Handlers find the [`Verified`] claims in the request's extensions, or as an extractor.
///
/// A preflight request of CORS carries no token: put the layer that answers those outside of this one.
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
/// let staff_only = RouteGuard::<Staff>::with(tokens.clone()).require("works for us", |who| who.org_id == 7);
///
/// let access = tokens.create_access_token(&Staff { user_id: 42, org_id: 8 })?;
/// assert_eq!(staff_only.admit(&access).unwrap_err().status(), 403);
/// # Ok::<(), gatevault::Error>(())
/// ```
pub struct RouteGuard<C = Payload> {
    /// The installed one where there is none.
    gate: Option<Arc<dyn AsGate + Send + Sync>>,
    demands: Vec<(Requirement, Arc<Demand<C>>)>,
    claims: PhantomData<fn() -> C>,
}

type Demand<C> = dyn Fn(&Verified<C>) -> bool + Send + Sync;

impl<C: Claims> RouteGuard<C> {
    /// A guard that asks the installed gate.
    #[must_use]
    pub fn installed() -> Self {
        Self { gate: None, demands: Vec::new(), claims: PhantomData }
    }

    /// A guard that asks this gate.
    #[must_use]
    pub fn with(gate: impl AsGate + Send + Sync + 'static) -> Self {
        Self { gate: Some(Arc::new(gate)), ..Self::installed() }
    }

    /// Demands something more of every caller; `words` are for the log.
    #[must_use]
    pub fn require(
        self,
        words: &'static str,
        demand: impl Fn(&Verified<C>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.demanding(Requirement::Words(words), Arc::new(demand))
    }

    /// Demands all of these scopes, which the challenge names.
    #[must_use]
    pub fn scopes(self, scopes: &'static [&'static str]) -> Self
    where
        C: ScopeClaims,
    {
        let requirement = Requirement::Scopes { words: "scopes of the routes", scopes };
        self.demanding(requirement, Arc::new(move |who: &Verified<C>| has_scopes(&**who, scopes)))
    }

    /// Verifies the token of a request, and that its caller meets every demand.
    ///
    /// # Errors
    ///
    /// The denial, already logged.
    pub fn admit(&self, source: &(impl TokenSource + ?Sized)) -> Result<Verified<C>, GuardError> {
        let guard = match &self.gate {
            Some(gate) => Guard::with(NAME, &**gate),
            None => Guard::installed(NAME),
        };
        let verified = guard.verify::<Verified<C>>(source)?;
        match self.demands.iter().find(|(_, demand)| !demand(&verified)) {
            Some((requirement, _)) => Err(unmet(NAME, *requirement)),
            None => Ok(verified),
        }
    }

    fn demanding(mut self, requirement: Requirement, demand: Arc<Demand<C>>) -> Self {
        self.demands.push((requirement, demand));
        self
    }
}

impl<C> Clone for RouteGuard<C> {
    fn clone(&self) -> Self {
        Self { gate: self.gate.clone(), demands: self.demands.clone(), claims: PhantomData }
    }
}

impl<C> fmt::Debug for RouteGuard<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let demands: Vec<_> = self.demands.iter().map(|(requirement, _)| requirement).collect();
        f.debug_struct("RouteGuard").field("demands", &demands).finish_non_exhaustive()
    }
}

/// What logs call it.
const NAME: &str = "RouteGuard";

//! The networks that an address belongs to, each with a counter of its own.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An IPv4 address, or an IPv6 network of 64, 56 or 48 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Network {
    V4(Ipv4Addr),
    /// The leading bits, and their number.
    V6(u64, u8),
}

impl Network {
    /// Returns how many times the attempts of an address are free for this network.
    ///
    /// A provider assigns a /64 to a link, a /56 to a household and a /48 to a company (RFC 6177), and a single customer
    /// may get any of them.
    pub(super) const fn factor(self) -> u32 {
        match self {
            Self::V4(_) | Self::V6(_, 57..) => 1,
            Self::V6(_, 49..=56) => 4,
            Self::V6(_, ..=48) => 16,
        }
    }
}

/// Returns the networks of an address, the smallest one first.
///
/// An address that represents an IPv4 address counts as the latter.
pub(super) fn networks_of(address: IpAddr) -> Vec<Network> {
    match with_ipv4_inside(address) {
        IpAddr::V4(address) => vec![Network::V4(address)],
        IpAddr::V6(address) => {
            [64, 56, 48].map(|length| Network::V6(leading_bits(address, length), length)).to_vec()
        }
    }
}

/// Returns the IPv4 address that an IPv6 address represents, or the address itself.
///
/// The forms are the IPv4-mapped addresses, those of NAT64 (RFC 6052 section 2.1), which are all in one /64, of 6to4 (RFC 3056
/// section 2), of which each IPv4 address has a /48, and of Teredo (RFC 4380 section 4), of which all clients of a server are
/// in one /64.
pub(crate) fn with_ipv4_inside(address: IpAddr) -> IpAddr {
    let IpAddr::V6(address) = address else {
        return address;
    };
    let inside = match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => [high, low],
        [0x2001, 0, .., high, low] => [!high, !low],
        _ => return IpAddr::V6(address),
    };
    let [[first, second], [third, fourth]] = inside.map(u16::to_be_bytes);
    Ipv4Addr::new(first, second, third, fourth).into()
}

fn leading_bits(address: Ipv6Addr, length: u8) -> u64 {
    let [first, second, third, fourth, ..] = address.segments().map(u64::from);
    let network = first << 48 | second << 32 | third << 16 | fourth;
    network & u64::MAX.checked_shl(64_u32.saturating_sub(length.into())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(address: &str) -> Vec<Network> {
        networks_of(address.parse().unwrap())
    }

    #[test]
    fn an_ipv4_address_is_one_network_in_each_of_its_forms() {
        for address in [
            "192.0.2.1",
            "::ffff:192.0.2.1",
            "64:ff9b::192.0.2.1",
            "2002:c000:201::1",
            "2002:c000:201:ffff::9",
            "2001:0:4136:e378:8000:63bf:3fff:fdfe",
            "2001:0:cb00:7101:0:ffff:3fff:fdfe",
        ] {
            assert_eq!(networks(address), [Network::V4(Ipv4Addr::new(192, 0, 2, 1))], "{address}");
        }
        for other in ["64:ff9b::192.0.2.2", "2002:c000:202::1", "2001:0:4136:e378:8000:63bf:3fff:fdfd"] {
            assert_eq!(networks(other), [Network::V4(Ipv4Addr::new(192, 0, 2, 2))], "{other}");
        }
    }

    #[test]
    fn an_ipv6_address_is_in_three_networks_of_rising_size() {
        let expected =
            [(0x2001_0db8_1234_5678, 64), (0x2001_0db8_1234_5600, 56), (0x2001_0db8_1234_0000, 48)];
        assert_eq!(
            networks("2001:db8:1234:5678:9abc::1"),
            expected.map(|(prefix, length)| Network::V6(prefix, length))
        );
        let factors: Vec<_> = networks("2001:db8::1").into_iter().map(Network::factor).collect();
        assert_eq!(factors, [1, 4, 16]);
    }

    #[test]
    fn only_the_well_known_prefixes_have_an_ipv4_address_inside() {
        for address in ["64:ff9b:1::192.0.2.1", "64:ff9b::1:192.0.2.1", "2001:1::1", "2003::1", "::192.0.2.1"]
        {
            assert_eq!(networks(address).len(), 3, "{address}");
        }
    }
}

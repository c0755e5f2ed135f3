"""Which addresses a song may come from, and what its file is called here."""

import pytest

from tasks.errors import BadInputError
from tasks.media.addresses import is_public, read_address
from tasks.media.file_names import plain_file_name


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("8.8.8.8", True),
        ("2606:2800:220:1::1", True),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("100.100.100.200", False),
        ("127.8.8.8", False),
        ("168.63.129.16", False),
        ("169.254.169.254", False),
        ("172.31.0.1", False),
        ("192.0.0.192", False),
        ("192.0.2.1", False),
        ("192.88.99.1", False),
        ("192.168.0.1", False),
        ("198.18.0.1", False),
        ("203.0.113.5", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("::8.8.8.8", False),
        ("::ffff:8.8.8.8", False),
        ("64:ff9b::808:808", False),
        ("64:ff9b:1::1", False),
        ("2001::1", False),
        ("2001:db8::1", False),
        ("2002:808:808::1", False),
        ("3fff::1", False),
        ("fc00::1", False),
        ("fd00:ec2::254", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("ff02::1", False),
        ("a name", False),
    ],
)
def test_only_addresses_of_the_open_net_are_public(address, public):
    assert is_public(address) is public


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://songs.example/a.mp3", "https only"),
        ("ftp://songs.example/a.mp3", "https only"),
        ("https:///a.mp3", "no host"),
        ("https://user:pw-hidden@songs.example/", "user name or password"),
        ("http://user:pw-hidden@songs.example/", "user name or password"),
        ("https://songs.example:99999/", "cannot be|not an address"),
        ("https://songs..example/", "not an address"),
        (f"https://{'a' * 64}.example/", "not an address"),
        ("https://[::1/", "not an address"),
        ("https://songs.example/a b.mp3\r\nX: y", "control characters"),
        ("https://a\\@songs.example/", "control characters"),
        ("https://songs.example/" + "a" * 5000, "longer than"),
        ("https://" + "a" * 70 + "é.example/", "not an address"),
    ],
)
def test_address_that_cannot_be_used_is_told(url, told):
    with pytest.raises(BadInputError, match=told) as error:
        read_address(url)
    assert "pw-hidden" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("a\nb.mp3", "a b.mp3"),
        ('say "hi" <now>|?.wav', "say hi now.wav"),
        ("../x.mp3", "x.mp3"),
        ("🎵.mp3", "🎵.mp3"),
        ("....", "song"),
        ("", "song"),
        ("a." + "b" * 300, "a." + "b" * 158),
        ("é" * 300 + ".flac", "é" * 80 + ".flac"),
        ("bad\udcff.mp3", "bad.mp3"),
    ],
)
def test_file_names_are_made_plain(name, plain):
    assert plain_file_name(name) == plain
    assert plain_file_name(plain) == plain

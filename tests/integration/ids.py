"""Ids that nobody was given, but that are none with a mistake: their last four characters check the rest."""
import base64


def crc24(octets):
    crc = 0xB704CE
    for octet in octets:
        crc ^= octet << 16
        for _ in range(8):
            crc = crc << 1 ^ (0x1864CFB if crc & 0x800000 else 0)
    return crc


def well_formed(text):
    """The same id with the check that belongs to it."""
    head = base64.urlsafe_b64decode(text)[:-3]
    return base64.urlsafe_b64encode(head + crc24(head).to_bytes(3, "big")).decode()

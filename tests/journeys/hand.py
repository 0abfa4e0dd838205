"""What a hand does on the phone, in words of the journey."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from .conftest import PASSWORD


def sign_up(page: Page, name: str) -> None:
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    page.get_by_text("Create account").click()
    expect(page.get_by_role("navigation", name="Dock")).to_be_visible()


def sign_in(page: Page, name: str, *, zh: bool = False) -> None:
    page.get_by_label("用户名" if zh else "Name", exact=True).fill(name)
    page.get_by_label("密码" if zh else "Password", exact=True).fill(PASSWORD)
    page.get_by_text("登录" if zh else "Sign in", exact=True).last.click()
    expect(page.get_by_role("navigation", name="程序坞" if zh else "Dock")).to_be_visible()


def open_phone(page: Page, *, zh: bool = False) -> None:
    lock = page.get_by_role("button", name="打开手机" if zh else "Open the phone")
    lock.focus()
    page.keyboard.press("Enter")
    expect(lock).to_be_hidden()

.class public interface abstract LSupersLow;
.super Ljava/lang/Object;
.implements LSupersTop;
